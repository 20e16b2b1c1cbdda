from django.conf import settings
from django.db import migrations, models

import kit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_hash_forms"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefusedSignIn",
            fields=[],
            options={
                "verbose_name": "refused sign-in",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("axes.accessattempt",),
        ),
        migrations.AddField(
            model_name="user",
            name="erasure_failed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("canonical", models.CharField(max_length=254)),
                ("until", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "canonical"), name="accounts_former_name_once")
                ],
            },
        ),
    ]
