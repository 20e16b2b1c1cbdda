from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_entries"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("outcome", "refused")), fields=["outcome", "at", "id"], name="audit_entry_refused"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("outcome", "refused"), ("request_id", "")),
                fields=["outcome", "request_id", "at"],
                name="audit_entry_flood",
            ),
        ),
    ]
