from django.db import migrations


class Migration(migrations.Migration):
    """A look-up of bands reads a few rows, and would wait longer for the workers that its guessed size calls for."""

    dependencies = [("opinions", "0005_opinionshape")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE opinions_opinionshape SET (parallel_workers = 0)",
            "ALTER TABLE opinions_opinionshape RESET (parallel_workers)",
        )
    ]
