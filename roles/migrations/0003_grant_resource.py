from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0002_grant_end_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                fields=["resource"],
                name="roles_grant_resource",
                opclasses=("varchar_pattern_ops",),
            ),
        ),
    ]
