from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial"), ("organization", "0001_initial")]

    operations = [
        # Numbers that were kept otherwise are kept anew when cells are next installed, and counted from their rows until then.
        migrations.RunSQL(
            "UPDATE metrics_counted SET digest = ''; TRUNCATE metrics_cell", reverse_sql=migrations.RunSQL.noop
        ),
        migrations.AddField("Counted", "carried", models.BooleanField(default=True)),
        migrations.RemoveConstraint("Cell", "one_cell_of_a_kind"),
        migrations.AddField("Cell", "below", models.BooleanField(default=False), preserve_default=False),
        migrations.AddConstraint(
            "Cell",
            models.UniqueConstraint(
                name="one_cell_of_a_kind",
                fields=["counted_id", "monthly", "cut", "unit_id", "at", "below", "key", "settled", "unsettled"],
                nulls_distinct=False,
            ),
        ),
    ]
