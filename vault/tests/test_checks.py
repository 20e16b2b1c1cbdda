"""A vault that is set up wrongly does not start."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.test import modify_settings, override_settings

from vault import checks
from vault.tests.papers.models import Cover, Paper


def _ids() -> list[str | None]:
    return [message.id for message in checks.check_settings()]


def test_settings_of_the_tests_are_sound() -> None:
    assert _ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("VAULT_KEYS", "", "vault.E001"),
        ("VAULT_KEYS", None, "vault.E001"),
        ("VAULT_KEYS", "k:short", "vault.E001"),
        ("VAULT_SIGNING_ALGORITHM", "RS256", "vault.E002"),
        ("VAULT_RETIRED_KEYS_KEPT", 0, "vault.E003"),
        ("VAULT_RECORDER", "nowhere.at_all", "vault.E004"),
        ("VAULT_LIMITER", "nowhere.at_all", "vault.E004"),
        ("VAULT_KEY_HOLDERS", ("nowhere.at_all",), "vault.E004"),
        ("VAULT_SIGNING_KEY_LIFETIME", 329, "vault.E005"),
    ],
)
def test_wrong_setting_is_an_error(name: str, value: object, expected: str) -> None:
    with override_settings(**{name: value}):
        assert _ids() == [expected]


@pytest.mark.parametrize("lifetime", [0, 330])
def test_keys_that_are_published_before_they_sign_are_no_error(lifetime: int) -> None:
    with override_settings(VAULT_SIGNING_KEY_LIFETIME=lifetime):
        assert _ids() == []


@pytest.mark.parametrize(("mode", "expected"), [(0o600, []), (0o640, []), (0o644, ["vault.W001"])])
def test_file_of_keys_that_everybody_can_read_is_warned_of(mode: int, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.touch(mode)
    path.chmod(mode)
    with override_settings(VAULT_KEYS_FILE=str(path)):
        assert _ids() == expected
    with override_settings(VAULT_KEYS_FILE=str(tmp_path / "none")):
        assert _ids() == []


def test_recorder_that_imports_is_no_error() -> None:
    with override_settings(VAULT_RECORDER="vault.uses.report"):
        assert _ids() == []


def test_two_columns_of_one_label_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    column = Cover._meta.get_field("note")
    monkeypatch.setattr(column, "label", "papers.paper.text")
    assert _ids() == ["vault.E006"]


class Desk(admin.ModelAdmin):  # type: ignore[type-arg]
    readonly_fields = ("text",)


def test_page_of_the_admin_that_shows_a_secret_is_an_error() -> None:
    site = admin.AdminSite(name="desk")
    site.register(Paper)
    assert _ids() == []
    site.unregister(Paper)
    site.register(Paper, Desk)
    assert _ids() == ["vault.E007"]
    site.unregister(Paper)


def test_without_an_admin_there_is_nothing_to_show() -> None:
    with modify_settings(INSTALLED_APPS={"remove": ["django.contrib.admin"]}):
        assert _ids() == []
