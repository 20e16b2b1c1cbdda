import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_code_network")]

    operations = [
        migrations.AlterField(
            model_name="session",
            name="door",
            field=models.CharField(
                choices=[("api", "API"), ("admin", "admin"), ("acting", "staff acting for the person")],
                default="api",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="impersonator",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="impersonations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="impersonations",
                to="accounts.session",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("impersonator__isnull", False)),
                fields=["impersonator"],
                name="accounts_session_impersonator",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent"], name="accounts_session_parent"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("door", "acting"), ("impersonator__isnull", False), ("parent__isnull", False))
                | (~models.Q(("door", "acting")) & models.Q(("impersonator__isnull", True), ("parent__isnull", True))),
                name="accounts_session_acting",
            ),
        ),
    ]
