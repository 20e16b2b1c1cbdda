from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_refusal_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="impersonator",
            field=models.UUIDField(blank=True, null=True, verbose_name="acting for the actor"),
        ),
        migrations.AddField(
            model_name="flood",
            name="impersonator",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("impersonator__isnull", False)),
                fields=["impersonator", "at"],
                name="audit_entry_impersonator",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("impersonator__isnull", False)),
                fields=["at", "id"],
                name="audit_entry_impersonated",
            ),
        ),
    ]
