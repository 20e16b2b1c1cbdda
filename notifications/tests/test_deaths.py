"""Workers that die in the middle of a chain, and what the next one knows of what the first providers answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import breakers, dispatching
from notifications.models import Attempt, Message
from notifications.providers.base import Transient
from notifications.testing import deliver_all, make_message
from notifications.tests import scripted
from notifications.tests.scripted import CHAIN, Killed, answers, callers, delivered, keys_of, lost_after_taking

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    scripted.forget()


@pytest.fixture
def chain(settings: Any) -> Any:
    def use(*names: str) -> None:
        settings.NOTIFICATIONS_EMAIL_PROVIDERS = [f"{CHAIN}{name}Provider" for name in names]

    return use


def die_at(provider: str, now: datetime) -> None:
    """Let a worker die when a provider has just taken what it sends."""
    answers[provider].append(lost_after_taking(provider, Killed()))
    with pytest.raises(Killed):
        deliver_all(now)
    dispatching.recover()


def test_second_provider_gets_the_same_key_once_more(chain: Any, now: datetime) -> None:
    chain("Plain", "Keyed")
    message = make_message(now=now)
    answers["plain"].append(Transient("connection_failed"))
    die_at("keyed", now)
    deliver_all(now + MINUTE)
    assert keys_of("keyed") == [f"{message.pk}-1"] * 2
    assert (len(delivered["keyed"]), callers().count("plain")) == (1, 1)
    message.refresh_from_db()
    assert (message.status, message.tries) == ("sent", 1)


def test_provider_that_swallowed_a_message_is_not_asked_again(chain: Any, now: datetime) -> None:
    chain("Reporting", "Keyed")
    message = make_message(now=now)
    deliver_all(now)
    die_at("keyed", now + HOUR)
    message.refresh_from_db()
    assert (message.awaiting, message.passed_over) == ("", ["reporting"])
    deliver_all(now + HOUR + MINUTE)
    assert (callers(), len(delivered["keyed"])) == (["reporting", "keyed", "keyed"], 1)


def test_silence_of_one_provider_says_nothing_of_a_doubt_about_another(chain: Any, now: datetime) -> None:
    chain("Reporting", "Keyed", "Second")
    message = make_message(now=now, status=Message.Status.SENDING, awaiting="reporting", in_doubt="keyed")
    Attempt.objects.create(message=message, claim=1, provider="keyed", started_at=now, outcome="unknown")
    breakers.switch("keyed", off=True, actor=None, now=now)
    deliver_all(now)
    message.refresh_from_db()
    assert (message.in_doubt, message.awaiting, callers()) == ("keyed", "", [])


def test_look_up_of_one_provider_says_nothing_of_a_doubt_about_another(chain: Any, now: datetime) -> None:
    chain("Knowing", "Keyed")
    message = make_message(now=now, status=Message.Status.SENDING, awaiting="knowing", in_doubt="keyed", claims=1)
    Attempt.objects.create(message=message, claim=0, provider="keyed", started_at=now, outcome="unknown")
    deliver_all(now)
    message.refresh_from_db()
    assert (message.in_doubt, message.passed_over, message.tries) == ("keyed", ["knowing"], 0)
    deliver_all(now + MINUTE)
    assert keys_of("keyed") == [f"{message.pk}-0"]
