"""What providers answered is written, whatever they say and whatever the database is doing at that moment."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection

from notifications import dispatching
from notifications.models import Attempt, Message
from notifications.providers.base import Permanent, RateLimited, Receipt
from notifications.testing import answers, deliver_all, make_message, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing() -> Iterator[Callable[[Exception, str], Any]]:
    """Yield what lets the database refuse the statements that write a result that says something."""

    def refuse(error: Exception, said: str) -> Any:
        def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith("UPDATE") and said in map(str, params or ()):
                raise error
            return run(sql, params, many, context)

        return connection.execute_wrapper(execute)

    yield refuse
    dispatching._flights.landed.clear()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\0b", "ab"), ("a\ud800b", "ab"), ("x" * 300, "x" * 255), (4711, "4711"), (None, "")],
    ids=["nul", "surrogate", "long", "number", "nothing"],
)
def test_name_that_no_database_takes_loses_no_acceptance(given: Any, kept: str, now: datetime) -> None:
    message = make_message(now=now)
    answers.append(Receipt(provider_id=given))
    deliver_all(now)
    assert Message.objects.get().status == "sent"
    assert message.attempts.values_list("outcome", "provider_id").get() == ("accepted", kept)


def test_words_that_no_database_takes_lose_no_refusal(now: datetime) -> None:
    message = make_message(now=now)
    answers.append(Permanent("no\0\ud800" + "x" * 100, "said\0" * 100))
    deliver_all(now)
    assert (Message.objects.get().status, message.attempts.get().outcome) == ("failed", "refused")


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e300, -1.0], ids=["inf", "nan", "huge", "negative"])
def test_pause_that_is_no_time_span_loses_no_result(seconds: float, now: datetime) -> None:
    make_message(now=now)
    answers.append(RateLimited(retry_after=seconds))
    deliver_all(now)
    assert Attempt.objects.get().outcome == "deferred"


def test_result_is_written_by_the_next_run_when_the_database_was_away(failing: Any, now: datetime) -> None:
    message = make_message(now=now)
    with failing(OperationalError(), "accepted"), pytest.raises(OperationalError):
        deliver_all(now)
    assert Message.objects.get().status == "sending"
    assert dispatching.is_due(now)
    deliver_all(now)
    assert (Message.objects.get().status, [mail.id for mail in sent]) == ("sent", [message.pk])
    assert not dispatching.is_due(now)


def test_result_that_cannot_be_written_takes_no_others_along(failing: Any, now: datetime) -> None:
    good, bad = make_message(now=now), make_message(now=now)
    answers.extend([Receipt(provider_id="good"), Receipt(provider_id="bad")])
    with failing(DataError(), "bad"):
        deliver_all(now)
    statuses = {attempt.provider_id: attempt.message.status for attempt in Attempt.objects.all()}
    assert statuses == {"good": "sent", "": "sending"}
    assert {good.pk, bad.pk} == {mail.id for mail in sent}
