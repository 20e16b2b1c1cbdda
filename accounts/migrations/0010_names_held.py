"""Names that are held now are remembered as those that are given up from now on are."""

from typing import Any

from django.db import migrations


def remember(apps: Any, _editor: Any) -> None:
    """Write a row for each name that is held."""
    former, held = apps.get_model("accounts", "FormerName"), apps.get_model("accounts", "Handle")
    rows = held.objects.filter(held_until__isnull=False).values_list("user_id", "canonical", "held_until")
    former.objects.bulk_create(
        [former(user_id=user, canonical=name, until=until) for user, name, until in rows.iterator()], batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_former_names"),
    ]

    operations = [
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
