"""Providers that staff set up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from audit.models import Entry
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import uuid7
from notifications import provider_accounts
from notifications.models import ProviderAccount
from notifications.provider_accounts import Wish
from notifications.providers import registry
from notifications.providers.base import Deferred, Email
from notifications.tests.http_service import Service

pytestmark = pytest.mark.django_db

STAFF = uuid7()
SECRET = "re_hidden"
RESEND = Wish(driver="resend", settings={}, credentials={"api_key": SECRET})
TWILIO = Wish(
    driver="twilio", settings={"account_sid": "AC1", "from": "+15551112222"}, credentials={"auth_token": SECRET}
)


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    provider_accounts._kept.forget()
    yield
    provider_accounts._kept.forget()


def save(wish: Wish, now: datetime, name: str = "main") -> ProviderAccount:
    return provider_accounts.save(name=name, wish=wish, actor=STAFF, now=now)


def changed(wish: Wish, **settings: str) -> Wish:
    """Return the wish with other settings, and no credentials."""
    return replace(wish, settings={**wish.settings, **settings}, credentials={})


def test_account_sends_as_its_driver_with_its_own_credentials(settings: Any, now: datetime) -> None:
    with Service() as service:
        service.answers.clear()
        save(replace(RESEND, settings={"url": f"http://{service.host}"}), now)
        settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:main"]
        [provider] = registry.providers_of("email")
        with pytest.raises(Exception):  # noqa: B017, PT011 - the answer has no id
            provider.send_email(Email(id=uuid7(), key="k", to=("a@example.com",), subject="S", text="T", at=now))
    assert (provider.name, provider.health()) == ("account:main", "ok")
    assert service.seen[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_credentials_lie_sealed_and_are_shown_nowhere(now: datetime) -> None:
    row = save(RESEND, now)
    [kept] = ProviderAccount.objects.values_list("credentials", flat=True)
    assert SECRET not in f"{kept!r} {row!r} {row.settings} {RESEND!r} {list(Entry.objects.values_list('details'))}"
    assert provider_accounts.configuration_of(provider_accounts.find("main")) == {"api_key": SECRET}


def test_change_of_where_it_leads_asks_for_the_credentials_anew(now: datetime) -> None:
    save(TWILIO, now)
    for name, value in (("url", "https://evil.example"), ("account_sid", "AC2")):
        with pytest.raises(Invalid) as caught:
            save(changed(TWILIO, **{name: value}), now)
        assert (caught.value.field, caught.value.reason) == ("credentials", "required")
    assert provider_accounts.find("main").settings == TWILIO.settings
    moved = save(replace(changed(TWILIO, url="https://twilio.example"), credentials={"auth_token": "new"}), now)
    assert provider_accounts.configuration_of(moved)["auth_token"] == "new"


def test_taking_the_address_away_asks_for_them_too(now: datetime) -> None:
    save(replace(RESEND, settings={"url": "https://resend.example"}), now)
    with pytest.raises(Invalid):
        save(Wish(driver="resend", settings={}), now)


def test_other_changes_keep_the_credentials(now: datetime) -> None:
    save(TWILIO, now)
    row = save(changed(TWILIO, **{"from": "+15553334444"}), now)
    assert provider_accounts.configuration_of(row) == {
        "account_sid": "AC1",
        "from": "+15553334444",
        "auth_token": SECRET,
    }


def test_new_account_needs_credentials(now: datetime) -> None:
    with pytest.raises(Invalid):
        save(replace(RESEND, credentials={}), now)
    assert not ProviderAccount.objects.exists()


@pytest.mark.parametrize(
    ("name", "wish", "field"),
    [
        ("Main", RESEND, "name"),
        ("../x", RESEND, "name"),
        ("main", replace(RESEND, driver="pigeon"), "driver"),
        ("main", replace(RESEND, settings={"path": "/etc"}), "settings.path"),
        ("main", replace(RESEND, settings={"url": "http://resend.example?x"}), "settings.url"),
        ("main", replace(RESEND, settings={"url": "file:///etc/passwd"}), "settings.url"),
        ("main", replace(RESEND, settings={"url": "https://good.example@evil.example"}), "settings.url"),
        ("main", replace(RESEND, settings={"url": "https://evil.example\\@good.example"}), "settings.url"),
        ("main", replace(RESEND, credentials={"webhook_secret": "x"}), "credentials.api_key"),
        ("main", replace(RESEND, credentials={"api_key": "a\nb"}), "credentials.api_key"),
        ("main", replace(TWILIO, settings={}), "settings.account_sid"),
        (
            "main",
            Wish(driver="novu", settings={"workflows": "email"}, credentials={"api_key": "x"}),
            "settings.workflows",
        ),
    ],
)
def test_what_is_no_account_is_refused(now: datetime, name: str, wish: Wish, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        save(wish, now, name)
    assert caught.value.field == field
    assert not ProviderAccount.objects.exists()


@pytest.mark.parametrize("url", ["http://resend.example", "https://127.0.0.1", "http://localhost:9000"])
def test_production_calls_services_by_tls_and_none_of_this_machine(settings: Any, now: datetime, url: str) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Invalid):
        save(replace(RESEND, settings={"url": url}), now)


def test_account_stays_of_its_kind(now: datetime) -> None:
    save(RESEND, now)
    with pytest.raises(Invalid) as caught:
        save(TWILIO, now)
    assert caught.value.field == "driver"


def test_changes_are_in_the_log_by_name_alone(now: datetime) -> None:
    save(TWILIO, now)
    save(changed(TWILIO, **{"from": "+15553334444"}), now)
    provider_accounts.remove(name="main", actor=STAFF, now=now)
    entries = Entry.objects.order_by("id").values_list("action", "target", "details")
    assert [entry[0].rpartition(".")[2] for entry in entries] == ["saved", "saved", "removed"]
    assert entries[1][2] == {"driver": "twilio", "settings": "from", "credentials": False}
    assert entries[1][1] == "account:main"


def test_account_in_use_stays(settings: Any, now: datetime) -> None:
    save(RESEND, now)
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:main"]
    with pytest.raises(Conflict):
        provider_accounts.remove(name="main", actor=STAFF, now=now)
    with pytest.raises(NotFound):
        provider_accounts.remove(name="other", actor=STAFF, now=now)


def test_account_that_is_not_there_sends_nothing(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:none"]
    [provider] = registry.providers_of("email")
    assert provider.health() == "no_such_account"
    with pytest.raises(Deferred):
        provider.send_email(Email(id=uuid7(), to=("a@example.com",), subject="S", text="T", at=now))


def test_account_that_cannot_be_opened_keeps_no_other_from_sending(settings: Any, now: datetime) -> None:
    save(RESEND, now, "good")
    row = save(RESEND, now, "moved")
    other = ProviderAccount.objects.get(name="good")
    ProviderAccount.objects.filter(pk=row.pk).update(credentials=other.__dict__["credentials"])  # of another row
    save(RESEND, now, "former")
    ProviderAccount.objects.filter(name="former").update(driver="pigeon")
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:moved", "account:former", "account:good"]
    found = [provider.health() for provider in registry.providers_of("email")]
    assert found == ["no_such_account", "no_such_account", "ok"]


def test_accounts_are_read_by_one_statement_and_kept_a_while(
    settings: Any, now: datetime, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        save(RESEND, now, f"n{number}")
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:n0", "account:n1", "account:n2"]
    with django_assert_num_queries(1):
        first = registry.providers_of("email")
        assert registry.providers_of("email") == first
