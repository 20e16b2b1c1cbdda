"""System checks: what stops the start."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import ERROR

from accounts import checks
from accounts.tests import mmdb

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


@pytest.mark.parametrize(("minutes", "told"), [(0, True), (1, False), (60, False), (61, True)])
def test_acting_for_a_person_for_too_long_is_told(minutes: int, told: bool, settings: Any) -> None:
    settings.ACCOUNTS_IMPERSONATION_MINUTES = minutes
    assert [problem.id for problem in checks.check_impersonation(None)] == (["accounts.E013"] if told else [])


@pytest.mark.parametrize(
    ("setting", "value"),
    [("ACCOUNTS_INVITATION_GRANTS", f"{HOUSE}.Nobody"), ("ACCOUNTS_ROBOT_CHALLENGE", f"{HOUSE}.Nothing")],
)
def test_one_path_that_does_not_import_is_told(setting: str, value: str, settings: Any) -> None:
    setattr(settings, setting, value)
    assert {problem.id for problem in checks.check_seams(None)} == {"accounts.E001"}


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("ACCOUNTS_SIGN_UP", "sometimes", ["accounts.E007"]),
        ("ACCOUNTS_SIGN_UP", "invitation", []),
        ("ACCOUNTS_LINK_URLS", ["https://app.example.com/account", "http://app.example.com"], ["accounts.E008"]),
        ("ACCOUNTS_LINK_URLS", ["https://app.example.com/?page=1", "app.example.com"], ["accounts.E008"] * 2),
    ],
)
def test_how_people_come_in_is_said_soundly(setting: str, value: Any, told: list[str], settings: Any) -> None:
    settings.PRODUCTION = True
    setattr(settings, setting, value)
    assert [problem.id for problem in checks.check_sign_up(None)] == told


@pytest.mark.parametrize(("kept", "told"), [(1834, ["accounts.E004"]), (1835, [])])
def test_a_key_is_kept_for_as_long_as_what_it_signed_is_good(kept: int, told: list[str], settings: Any) -> None:
    settings.VAULT_RETIRED_KEYS_KEPT = kept
    assert [problem.id for problem in checks.check_keys(None)] == told


@pytest.mark.parametrize(("production", "told"), [(True, "accounts.E005"), (False, "accounts.W001")])
def test_a_missing_database_of_places_stops_production_alone(production: bool, told: str, settings: Any) -> None:
    assert checks.check_places(None) == []
    settings.PRODUCTION, settings.GEOIP_PATH = production, "/nowhere/cities.mmdb"
    assert [(problem.id, problem.level >= ERROR) for problem in checks.check_places(None)] == [(told, production)]


def test_a_sound_database_of_places_is_no_problem(tmp_path: Path, settings: Any) -> None:
    settings.GEOIP_PATH = str(mmdb.write(tmp_path / "cities.mmdb", {"203.0.113.0/24": mmdb.city("Berlin", "Germany")}))
    assert checks.check_places(None) == []


@pytest.mark.parametrize("name", ["ACCOUNTS_SESSION_IDLE", "ACCOUNTS_STAFF_SESSION_IDLE"])
def test_an_idle_time_shorter_than_use_is_noticed_is_told(name: str, settings: Any) -> None:
    assert checks.check_idle_times(None) == []
    setattr(settings, name, 599)
    assert [problem.id for problem in checks.check_idle_times(None)] == ["accounts.E006"]


def test_two_steps_with_one_name_are_told(settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = (f"{HOUSE}.AlwaysDue", f"{HOUSE}.AlwaysDue")
    assert [problem.id for problem in checks.check_steps(None)] == ["accounts.E003"]


def test_template_of_another_way_in_that_is_not_there_is_told(settings: Any) -> None:
    settings.ACCOUNTS_ADMIN_SIGN_IN = ("accounts/admin_entries.html", "accounts/nowhere.html")
    assert [problem.id for problem in checks.check_sign_in_page(None)] == ["accounts.E012"]
