import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0004_whole_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="grant",
            name="role",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="roles.role"
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="roles.group",
            ),
        ),
        migrations.AlterField(
            model_name="placement",
            name="parent",
            field=models.CharField(max_length=200),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["role", "-id"], name="roles_grant_role"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["group", "-id"], name="roles_membership_group"),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["parent", "-id"], name="roles_placement_parent"),
        ),
    ]
