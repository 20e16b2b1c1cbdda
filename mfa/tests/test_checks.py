"""Policies that cannot hold stop the start."""

from typing import Any

import pytest
from django.core.checks import run_checks


def found() -> list[str]:
    return [str(message.id) for message in run_checks() if str(message.id).startswith("mfa.")]


def test_the_defaults_hold() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("MFA_POLICY", "sometimes", "mfa.E001"),
        ("MFA_PROFILE", "lax", "mfa.E002"),
        ("MFA_REQUIRED_FOR", "mfa.nothing.here", "mfa.E004"),
        ("MFA_TOTP_DRIFT", 3, "mfa.E005"),
        ("MFA_TRUSTED_FOR", -1, "mfa.E006"),
    ],
)
def test_a_setting_that_cannot_be(settings: Any, setting: str, value: Any, problem: str) -> None:
    setattr(settings, setting, value)
    assert found() == [problem]


def test_the_strict_profile_contradicts_turned_off_factors(settings: Any) -> None:
    settings.MFA_PROFILE, settings.MFA_POLICY = "strict", "off"
    assert found() == ["mfa.E003"]


def test_a_policy_that_names_a_function_holds(settings: Any) -> None:
    settings.MFA_REQUIRED_FOR = "mfa.policy.requires"
    assert found() == []
