"""Providers in the admin: how they fare, the switch, and accounts whose credentials are taken and never shown."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from kit.clock import utcnow
from kit.errors import PermissionRefused
from notifications import breakers, provider_accounts
from notifications.admin import ProviderAdmin
from notifications.models import ProviderAccount, ProviderState
from notifications.provider_accounts import Wish
from notifications.tests.admin_pages import Words
from notifications.tests.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

VIEW, CHANGE = "notifications.view_provider", "notifications.change_provider"
LOOKING, ACTING, STRANGER = Caller(frozenset({VIEW})), Caller(frozenset({VIEW, CHANGE})), Caller()
SECRET = "re_hidden"


def refuse(_request: Any, *, password: str) -> None:
    """Let nobody change anything who gives no password."""
    if not password:
        raise PermissionRefused("Give your password.")


@pytest.fixture(autouse=True)
def _chain(settings: Any) -> Iterator[None]:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["smtp", "faulty"]
    settings.EMAIL_HOST = "mail.example.com"
    yield
    provider_accounts._kept.forget()


def call(name: str, *arguments: Any, user: Caller = ACTING, form: dict[str, str] | None = None) -> Any:
    """Return what a view of this admin answers; what it said in passing is in `told`."""
    factory = RequestFactory()
    kind = "application/x-www-form-urlencoded"
    request: Any = factory.get("/") if form is None else factory.post("/", urlencode(form), content_type=kind)
    request.user, request._dont_enforce_csrf_checks, request._messages = user, True, Words(request)
    answer: Any = getattr(ProviderAdmin(ProviderAccount, site), name)(request, *arguments)
    answer.told = [str(one) for one in request._messages._queued_messages]
    return answer


def an_account(**settings: str) -> ProviderAccount:
    wish = Wish(driver="resend", settings=settings, credentials={"api_key": SECRET})
    return provider_accounts.save(name="main", wish=wish, actor=ACTING.pk, now=utcnow())


def test_page_tells_how_each_provider_fares(django_assert_num_queries: Any) -> None:
    ProviderState.objects.create(
        name="smtp",
        breaker=ProviderState.Breaker.OPEN,
        latency=1.5,
        last_error="timed_out",
        last_error_at=utcnow(),
        updated_at=utcnow(),
    )
    an_account()
    with django_assert_num_queries(3):
        page = call("changelist_view", user=LOOKING).content.decode()
    for told in ("resting", "1.50 s", "timed_out", "main", "faulty"):
        assert told in page
    assert ("Take out" in page, SECRET in page) == (False, False)
    assert "Take out smtp" in call("changelist_view").content.decode()


def test_only_who_may_looks_and_only_who_may_changes() -> None:
    an_account()
    with pytest.raises(PermissionDenied):
        call("changelist_view", user=STRANGER)
    for name, arguments in (("switch", ()), ("new", ("resend",)), ("account", ("main",)), ("remove", ("main",))):
        for user in (STRANGER, LOOKING, Caller(frozenset({CHANGE}))):
            with pytest.raises(PermissionDenied):
                call(name, *arguments, user=user, form={"name": "smtp", "off": "1"})
    with pytest.raises(PermissionDenied):
        call("remove", "main")  # no button was pressed
    assert not breakers.states()["smtp"].switched_off


def test_switch_takes_a_provider_out_and_puts_it_back() -> None:
    assert "out of use" in call("switch", form={"name": "smtp", "off": "1"}).told[0]
    assert breakers.states()["smtp"].switched_off
    call("switch", form={"name": "smtp", "off": "0"})
    assert not breakers.states()["smtp"].switched_off
    with pytest.raises(Http404):
        call("switch", form={"name": "pigeon", "off": "1"})


def test_account_is_set_up_and_its_credentials_are_not_shown() -> None:
    form = {"name": "main", "settings.url": "https://resend.example", "credentials.api_key": SECRET}
    assert call("new", "resend", form=form).status_code == 302
    page = call("account", "main").content.decode()
    assert ("https://resend.example" in page, SECRET in page) == (True, False)
    assert provider_accounts.configuration_of(provider_accounts.find("main"))["api_key"] == SECRET


def test_another_address_asks_for_the_credentials_at_their_field() -> None:
    an_account()
    page = call("account", "main", form={"settings.url": "https://evil.example"}).content.decode()
    assert "Give the credentials anew" in page
    assert provider_accounts.find("main").settings == {}


def test_wrong_address_is_told_at_its_field_and_no_secret_comes_back() -> None:
    form = {"name": "main", "settings.url": "file:///etc/passwd", "credentials.api_key": SECRET}
    page = call("new", "resend", form=form).content.decode()
    assert ("begins with https://" in page, SECRET in page) == (True, False)
    assert not ProviderAccount.objects.exists()


def test_change_needs_a_proof_of_who_asks(settings: Any) -> None:
    settings.NOTIFICATIONS_STAFF_PROOF = f"{__name__}.refuse"
    form = {"name": "main", "credentials.api_key": SECRET}
    assert "Give your password." in call("new", "resend", form=form).content.decode()
    assert call("new", "resend", form={**form, "password": "x"}).status_code == 302
    assert call("remove", "main", form={}).told == ["Give your password."]
    assert ProviderAccount.objects.exists()


def test_account_is_removed_where_no_chain_names_it(settings: Any) -> None:
    an_account()
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:main"]
    assert call("remove", "main", form={}).told == ["A channel is still sent by it."]
    assert "cannot be removed" in call("account", "main").content.decode()
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["smtp"]
    call("remove", "main", form={})
    assert not ProviderAccount.objects.exists()
    with pytest.raises(Http404):
        call("account", "main")


def test_what_is_no_kind_of_provider_is_not_found() -> None:
    with pytest.raises(Http404):
        call("new", "pigeon")


def test_row_leads_to_its_page() -> None:
    row = an_account()
    assert call("change_view", str(row.pk)).url.endswith("/account/main/")
    with pytest.raises(Http404):
        call("change_view", str(row.pk), user=STRANGER)
