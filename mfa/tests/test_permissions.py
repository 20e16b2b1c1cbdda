"""What is worth a second factor that was proved a moment ago."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from rest_framework.test import APIRequestFactory

from accounts.models import Session
from accounts.reauthentication import ReauthenticationRequired
from accounts.testing import SignedIn, sign_in
from kit.clock import utcnow
from mfa.permissions import RecentFactor
from mfa.testing import make_contact, make_totp

pytestmark = pytest.mark.django_db


def ask(permission: Any, signed_in: SignedIn | None, *, auth: Any = None) -> bool:
    """Ask as a view of REST framework does: with an instance of its permission class."""
    request = APIRequestFactory().get("/")
    request.user = signed_in.user if signed_in else AnonymousUser()
    request.auth = auth or (Session.objects.get(pk=signed_in.session.pk) if signed_in else None)
    return bool(permission().has_permission(request, None))


def proved(seconds: float) -> SignedIn:
    signed_in = sign_in()
    Session.objects.update(factor_at=utcnow() - dt.timedelta(seconds=seconds))
    return signed_in


def test_a_factor_of_a_moment_ago_does() -> None:
    assert ask(RecentFactor(max_age=300), proved(250))
    assert ask(RecentFactor, proved(550))


@pytest.mark.parametrize(("permission", "age"), [(RecentFactor(max_age=300), 301), (RecentFactor, 601)])
def test_an_older_one_does_not(permission: Any, age: int) -> None:
    with pytest.raises(ReauthenticationRequired):
        ask(permission, proved(age))


def test_the_refusal_says_what_would_do() -> None:
    signed_in = sign_in()
    make_totp(signed_in.user)
    make_contact(signed_in.user)
    with pytest.raises(ReauthenticationRequired) as refusal:
        ask(RecentFactor(max_age=120), signed_in)
    assert refusal.value.code == "reauthentication_required"
    assert refusal.value.extra == {"max_age": 120, "methods": ["totp", "email"]}


def test_nobody_passes_without_signing_in() -> None:
    assert not ask(RecentFactor(max_age=300), None)


def test_what_is_no_session_has_proved_nothing() -> None:
    with pytest.raises(ReauthenticationRequired):
        ask(RecentFactor, sign_in(), auth="an API key")


def test_permissions_of_two_ages_are_two() -> None:
    assert RecentFactor(max_age=60).max_age == 60
    assert RecentFactor(max_age=61).max_age == 61
    assert RecentFactor.max_age is None
