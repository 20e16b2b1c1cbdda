from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_messages"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="message", name="message_due"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["lane", "due_at", "status"],
                name="message_due",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("outcome__in", ("refused", "deferred", "misconfigured", "unknown"))),
                fields=["id", "outcome"],
                name="attempt_failed",
            ),
        ),
    ]
