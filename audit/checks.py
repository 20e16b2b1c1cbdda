"""System checks: the triggers that guard the log are in place."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from audit import triggers
from audit.models import Entry


@register(Tags.database)
def check_triggers(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """audit.W001: triggers that are not there. A warning, since `migrate` runs this check and is the remedy."""
    if "default" not in (databases or ()):
        return []
    if Entry._meta.db_table not in connections["default"].introspection.table_names():
        return []
    gone = triggers.missing()
    if not gone:
        return []
    return [checks.Warning(f"The audit log is not guarded: no {', '.join(gone)}", hint="Run migrate.", id="audit.W001")]
