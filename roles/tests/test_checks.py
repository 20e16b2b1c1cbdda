from typing import Any

import pytest
from django.core.checks import run_checks

from roles import checks


@pytest.mark.parametrize("path", ["roles.nowhere", "roles.models"])
def test_vocabulary_that_is_not_there_stops_the_start(path: str, settings: Any) -> None:
    settings.ROLES_VOCABULARIES = (path,)
    assert [found.id for found in run_checks() if (found.id or "").startswith("roles.")] == ["roles.E001"]


def test_name_that_is_no_permission_stops_the_start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roles.tests.people.permissions.PERMISSIONS", {"Letters": "", "letters.*": ""})
    assert [found.id for found in checks.check_vocabularies(None)] == ["roles.E002", "roles.E002"]


def test_built_in_role_that_holds_something_undeclared_is_a_warning(settings: Any) -> None:
    settings.ROLES_VOCABULARIES = ("roles.permissions",)
    [warning] = checks.check_built_in_roles(None)
    assert (warning.id, "notifier: notifications.send_message" in warning.msg) == ("roles.W001", True)
