"""People by both names, in the order of their last ones, and the few among the many; a link that stops an erasure."""

from django.db import migrations, models
from django.db.models import Q

PURPOSES = [
    ("reset", "set a new password"),
    ("change_address", "change the primary address"),
    ("add_address", "add an address"),
    ("sign_in", "sign in without a password"),
    ("unlock", "let the owner in"),
    ("undo", "undo a change that the owner did not make"),
    ("keep", "bring a deleted account back"),
]
BY_TIME = ["created_at", "id"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_refresh_evidence")]
    operations = [
        migrations.AlterField("link", "purpose", models.CharField(choices=PURPOSES, max_length=16)),
        migrations.RemoveIndex("user", "accounts_user_first_name"),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["first_name_key", "last_name_key"],
                opclasses=["varchar_pattern_ops"] * 2,
                name="accounts_user_both_names",
            ),
        ),
        migrations.AddIndex("user", models.Index(fields=["last_name_key", "id"], name="accounts_user_by_last_name")),
        migrations.AddIndex(
            "user", models.Index(fields=BY_TIME, condition=Q(is_staff=True), name="accounts_user_staff")
        ),
        migrations.AddIndex(
            "user", models.Index(fields=BY_TIME, condition=Q(is_active=False), name="accounts_user_inactive")
        ),
        migrations.AddIndex(
            "user", models.Index(fields=BY_TIME, condition=Q(frozen_at__isnull=False), name="accounts_user_frozen")
        ),
    ]
