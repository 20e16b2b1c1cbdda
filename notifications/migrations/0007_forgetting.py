"""An index of what is to be forgotten: what callers wrote, until its time has come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("notifications", "0006_files_and_lists"),)

    operations = (
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("blanked_at__isnull", True), ("due_at__isnull", True), ("kind", "")),
                fields=["id"],
                name="message_said",
            ),
        ),
    )
