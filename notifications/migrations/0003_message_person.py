from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_queue_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="person",
            field=models.UUIDField(
                editable=False, help_text="Whom it is sent for, where the recipient may be another.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("person__isnull", False)), fields=["person"], name="message_person"),
        ),
    ]
