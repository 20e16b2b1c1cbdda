"""Whose files wait to be sent, so that what one caller has waiting is summed up from an index."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Q, Subquery


def name_callers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say of the files that wait whose they are."""
    del schema_editor
    messages = apps.get_model("notifications", "Message").objects.filter(pk=OuterRef("message"))
    waiting = apps.get_model("notifications", "Attachment").objects.filter(removed_at=None)
    waiting.update(caller=Subquery(messages.values("caller")))


class Migration(migrations.Migration):
    dependencies = (("notifications", "0009_recipients_and_channels"),)

    operations = (
        migrations.AddField(
            model_name="attachment",
            name="caller",
            field=models.UUIDField(editable=False, help_text="Who asked for its message.", null=True),
        ),
        migrations.RunPython(name_callers, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=Q(("removed_at__isnull", True)), fields=["caller", "size"], name="attachment_of_caller"
            ),
        ),
    )
