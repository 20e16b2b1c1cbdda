"""Whom an attempt was for, where a message has several recipients; and an index of messages by their channel."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("notifications", "0007_forgetting"),)

    operations = (
        migrations.AddField(
            model_name="attempt",
            name="recipients",
            field=models.JSONField(editable=False, help_text="Who of several it was for; empty: everybody.", null=True),
        ),
        migrations.AddIndex(model_name="message", index=models.Index(fields=["channel", "id"], name="message_channel")),
    )
