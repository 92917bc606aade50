from django.db import migrations


class Migration(migrations.Migration):
    """Sequences from which opinions and rectifications take their numbers: unique, never used again."""

    dependencies = [("opinions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE opinions_no_yj; CREATE SEQUENCE opinions_no_zg;",
            "DROP SEQUENCE opinions_no_yj; DROP SEQUENCE opinions_no_zg;",
        )
    ]
