"""System checks: what stops the start."""

from typing import Any

import pytest

from accounts import checks

HOUSE = "accounts.tests.house"


def test_sound_settings_pass(settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = (f"{HOUSE}.AlwaysDue", f"{HOUSE}.ForStaff")
    assert [*checks.check_seams(None), *checks.check_policy(None), *checks.check_steps(None)] == []


@pytest.mark.parametrize("setting", ["ACCOUNTS_LOGIN_STEPS", "ACCOUNTS_REQUEST_ANNOTATIONS"])
def test_a_path_that_does_not_import_is_told_once(setting: str, settings: Any) -> None:
    setattr(settings, setting, (f"{HOUSE}.Nobody",))
    (problem,) = [*checks.check_seams(None), *checks.check_steps(None)]
    assert (problem.id, f"{HOUSE}.Nobody" in problem.msg) == ("accounts.E001", True)


def test_an_unknown_password_policy_is_told(settings: Any) -> None:
    settings.ACCOUNTS_PASSWORD_POLICY = "lax"
    assert [problem.id for problem in checks.check_policy(None)] == ["accounts.E002"]


def test_two_steps_with_one_name_are_told(settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = (f"{HOUSE}.AlwaysDue", f"{HOUSE}.AlwaysDue")
    assert [problem.id for problem in checks.check_steps(None)] == ["accounts.E003"]
