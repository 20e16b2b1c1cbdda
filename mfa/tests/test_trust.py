"""Devices on which no second factor is asked for."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from accounts import devices, login, password_changes, sessions
from accounts.models import Device, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from mfa import trust
from mfa.models import TrustedDevice
from mfa.testing import make_totp

pytestmark = pytest.mark.django_db

MONTH = dt.timedelta(days=30)
SECOND = dt.timedelta(seconds=1)


def trusting(now: dt.datetime) -> tuple[User, Session]:
    """Return a person with a factor, and a session on a device that she trusts."""
    user = make_person(now=now)
    session = sign_in(user, now=now).session
    make_totp(user, now=now)
    assert trust.grant(session=session, now=now)
    return user, session


def begin(user: User, now: dt.datetime, session: Session | None, *, password: str = PASSWORD, agent: str = "") -> Any:
    token = devices.token_of(session.device) if session else ""
    credentials = login.Credentials(name=user.email, password=password, device_token=token)
    origin = replace(ORIGIN, agent=agent or ORIGIN.agent)
    return login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=origin)


def lets_in(user: User, now: dt.datetime, session: Session | None, **more: Any) -> bool:
    return isinstance(begin(user, now, session, **more), login.StartedSession)


def test_the_password_alone_opens_there_for_thirty_days(now: dt.datetime) -> None:
    user, session = trusting(now)
    assert lets_in(user, now + MONTH - SECOND, session)
    assert not lets_in(user, now + MONTH, session)


def test_such_a_session_says_that_no_factor_was_proved(now: dt.datetime) -> None:
    user, session = trusting(now)
    result = begin(user, now, session)
    assert result.session.amr == ["pwd"]
    assert result.session.factor_at is None


def test_without_the_devices_token_a_factor_is_due(now: dt.datetime) -> None:
    user, _ = trusting(now)
    assert not lets_in(user, now, None)


def test_a_token_in_another_kind_of_browser_is_not_trusted(now: dt.datetime) -> None:
    user, session = trusting(now)
    assert not lets_in(user, now, session, agent="curl/8.5.0")


def test_an_update_of_the_browser_ends_no_trust(now: dt.datetime) -> None:
    user = make_person(now=now)
    session = sign_in(user, now=now).session
    session.agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/155.0.0.0"
    make_totp(user, now=now)
    trust.grant(session=session, now=now)
    assert lets_in(user, now, session, agent=session.agent.replace("155", "156"))


def test_another_persons_trusted_device_is_none_of_hers(now: dt.datetime) -> None:
    _, session = trusting(now)
    other = make_person(now=now)
    make_totp(other, now=now)
    assert not lets_in(other, now, session)


def test_a_new_password_ends_trust(now: dt.datetime) -> None:
    user, session = trusting(now)
    later = now + SECOND
    password_changes.change(
        session=session, current_password=PASSWORD, new_password="another horse battery", now=later, origin=ORIGIN
    )
    assert TrustedDevice.objects.exists()  # the device stays known, and is not trusted
    user.refresh_from_db()
    assert not lets_in(user, later, session, password="another horse battery")


def test_a_device_that_is_forgotten_is_trusted_no_more(now: dt.datetime) -> None:
    _, session = trusting(now)
    assert session.device is not None
    session.device.delete()
    assert not TrustedDevice.objects.exists()


@pytest.mark.parametrize("reason", ["removed", "logout_all", "staff", "refresh_reuse", "deactivated"])
def test_a_session_that_is_ended_from_elsewhere_ends_the_trust_of_its_device(now: dt.datetime, reason: str) -> None:
    user, session = trusting(now)
    _, others = trusting(now)
    sessions.end_all(user=user, reason=Session.EndReason(reason), actor=user.pk, now=now + SECOND)
    assert not lets_in(user, now + SECOND, session)
    assert trust.purge(now=now + SECOND) == 1
    assert TrustedDevice.objects.get().device_id == others.device_id


@pytest.mark.parametrize("reason", ["logout", "limit"])
def test_signing_out_there_leaves_the_device_trusted(now: dt.datetime, reason: str) -> None:
    user, session = trusting(now)
    sessions.end(session=session, reason=Session.EndReason(reason), actor=user.pk, now=now + SECOND)
    assert lets_in(user, now + SECOND, session)


def test_trust_may_be_given_again_after_it_was_revoked(now: dt.datetime) -> None:
    user, session = trusting(now)
    sessions.end_own(user=user, session_id=session.pk, now=now + SECOND, origin=ORIGIN)
    assert not lets_in(user, now + SECOND, session)
    assert trust.grant(session=session, now=now + 2 * SECOND)
    assert lets_in(user, now + 2 * SECOND, session)


def test_a_device_that_was_forgotten_meanwhile_is_not_trusted(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    Device.objects.all().delete()
    assert not trust.grant(session=session, now=now)


def test_nor_is_one_of_an_account_that_was_stopped_meanwhile(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    User.objects.update(is_active=False)
    assert not trust.grant(session=session, now=now)


def test_all_trust_of_a_person_ends_at_once(now: dt.datetime) -> None:
    user, session = trusting(now)
    _, other = trusting(now)
    assert trust.end(user=user) == 1
    assert not lets_in(user, now, session)
    assert TrustedDevice.objects.get().device_id == other.device_id


def test_trust_is_given_anew(now: dt.datetime) -> None:
    user, session = trusting(now)
    trust.grant(session=session, now=now + MONTH)
    assert lets_in(user, now + MONTH + SECOND, session)


def test_a_session_without_a_device_cannot_be_trusted(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    session.device = None
    assert not trust.grant(session=session, now=now)


def test_where_the_operator_trusts_none_none_is(now: dt.datetime, settings: Any) -> None:
    user, session = trusting(now)
    settings.MFA_TRUSTED_FOR = 0
    assert not lets_in(user, now, session)


def test_trust_that_is_over_is_purged(now: dt.datetime) -> None:
    trusting(now)
    assert trust.purge(now=now) == 0
    assert trust.purge(now=now + MONTH) == 1
