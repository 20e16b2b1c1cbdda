"""Fill the columns by which people are found by the beginning of a name."""

from typing import Any

from django.db import migrations

from kit import canonical

BATCH = 1000


def fill(apps: Any, _editor: Any) -> None:
    """Fold the names of the people who have any."""
    user = apps.get_model("accounts", "User")
    changed = []
    for row in user.objects.exclude(first_name="", last_name="").only("first_name", "last_name").iterator(BATCH):
        row.first_name_key = canonical.fold(row.first_name)[:150]
        row.last_name_key = canonical.fold(row.last_name)[:150]
        changed.append(row)
        if len(changed) == BATCH:
            user.objects.bulk_update(changed, ["first_name_key", "last_name_key"])
            changed = []
    user.objects.bulk_update(changed, ["first_name_key", "last_name_key"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_links_codes_invitations")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
