"""Policies that cannot hold stop the start."""

from typing import Any

import pytest
from django.core.checks import run_checks

from mfa import conf


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
        ("MFA_RP_ID", "https://testserver", "mfa.E007"),
        ("MFA_RP_ID", "Testserver", "mfa.E007"),
        ("MFA_RP_ID", "server", "mfa.E008"),
        ("MFA_ORIGINS", ["https://testserver/"], "mfa.E008"),
        ("MFA_ORIGINS", ["https://testserver:443"], "mfa.E008"),
        ("MFA_ORIGINS", ["https://testserver.example"], "mfa.E008"),
        ("MFA_ORIGINS", ["https://eviltestserver"], "mfa.E008"),
        ("MFA_ORIGINS", ["android:apk-key-hash:"], "mfa.E008"),
        ("MFA_ORIGINS", ["http://testserver"], "mfa.W001"),
        ("MFA_RP_ID", "192.0.2.1", "mfa.W001"),
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


def test_pages_of_a_domain_and_below_it_and_an_android_application_may_use_passkeys(settings: Any) -> None:
    settings.MFA_RP_ID = "example.com"
    settings.MFA_ORIGINS = ["https://example.com", "https://a.b.example.com:8443", f"android:apk-key-hash:{'A' * 43}"]
    assert found() == []


@pytest.mark.parametrize(
    ("address", "origin", "problems"),
    [
        ("https://Example.com:443", "https://example.com", []),
        ("https://example.com:8443", "https://example.com:8443", []),
        ("http://example.com:80", "http://example.com", ["mfa.W001"]),
        ("http://my_house:8000", "http://my_house:8000", ["mfa.W001"]),
        ("http://192.0.2.1", "http://192.0.2.1", ["mfa.W001"]),
    ],
)
def test_the_address_of_the_service_is_taken_as_a_browser_writes_it(
    settings: Any, address: str, origin: str, problems: list[str]
) -> None:
    settings.PUBLIC_URL, settings.MFA_ORIGINS = address, []
    assert conf.origins() == [origin]
    assert found() == problems


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost:8000"])
def test_on_this_machine_passkeys_are_made_for_its_name(settings: Any, address: str) -> None:
    settings.PUBLIC_URL, settings.MFA_ORIGINS = address, []
    assert (conf.rp_id(), conf.origins()) == ("localhost", ["http://localhost:8000"])
    assert found() == []
