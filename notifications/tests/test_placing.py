"""Writing what is accepted: what is held for how long, and what a dry run leaves behind."""

import itertools
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from kit.errors import Refusal, Throttled
from kit.ids import uuid7
from kit.testing import races
from kit.testing.metrics import read
from limits.models import Counter
from notifications import accepting, explaining
from notifications.attachments import Upload
from notifications.channels import Channel
from notifications.drafting import Sender
from notifications.models import Attachment, Message
from notifications.placing import Accepted, Answer, Call
from notifications.requests.base import MessageRequest

pytestmark = pytest.mark.django_db

FILE = Upload(filename="numbers.csv", content_type="text/csv", content=b"one,two")
CALLER = uuid7()


def call_at(now: datetime) -> Call:
    """Return a call of always the same caller."""
    return Call(sender=Sender(caller=CALLER), now=now)


def mails(count: int) -> list[MessageRequest]:
    """Return what asks for so many mails, each with a file."""
    words: dict[str, Any] = {"subject": "Numbers", "text": "They are here.", "attachments": (FILE,)}
    return [MessageRequest(to=(f"berta{n}@example.com",), channel=Channel.EMAIL, **words) for n in range(count)]


def texts(numbers: list[str]) -> list[MessageRequest]:
    """Return what asks for short messages."""
    return [MessageRequest(to=(number,), channel=Channel.SMS, text="Your parcel is here.") for number in numbers]


NUMBERS = [f"+491511{prefix}001" for prefix in range(2340, 2350)]


def test_what_others_count_on_is_taken_when_all_is_written(now: datetime) -> None:
    with CaptureQueriesContext(connection) as statements:
        accepting.accept_many(call_at(now), [*mails(12), *texts(NUMBERS)])
    written = [" ".join(one["sql"].split()[:3]).replace('"', "") for one in statements]
    counting = [place for place, words in enumerate(written) if words == "INSERT INTO limits_counter"]
    rows = [place for place, words in enumerate(written) if words.endswith(("_message", "_attachment"))]
    assert len(counting) == 2
    assert len(rows) == 4
    assert min(counting) > max(rows)


def test_what_is_refused_after_it_was_written_leaves_nothing(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_MINUTE = 5
    answer = accepting.accept_many(call_at(now), mails(8))
    assert [isinstance(one, Accepted) for one in answer.results] == [True] * 5 + [False] * 3
    assert (Message.objects.count(), Attachment.objects.count()) == (5, 5)


def test_what_is_closed_after_it_was_written_says_so_in_its_row(settings: Any, now: datetime) -> None:
    settings.SMS_COUNTRIES = ["AT"]
    answer = accepting.accept_many(call_at(now), texts(NUMBERS))
    assert {one.status for one in answer.results if isinstance(one, Accepted)} == {"suppressed"}
    kept = Message.objects.values_list("status", "failure", "due_at").order_by().distinct()
    assert list(kept) == [("suppressed", "country_not_allowed", None)]


def test_large_call_beyond_a_quota_is_turned_away_before_it_is_written(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_MINUTE = 2
    accepting.accept_many(call_at(now), mails(2))
    with CaptureQueriesContext(connection) as statements:
        answer = accepting.accept_many(call_at(now), mails(8))
    assert not any(isinstance(one, Accepted) for one in answer.results)
    assert not [one["sql"] for one in statements if one["sql"].startswith('INSERT INTO "notifications_')]


def test_dry_run_counts_tells_and_leaves_nothing(
    settings: Any, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    settings.SMS_PER_DAY, settings.NOTIFY_PER_DAY = 2, 10
    before = read("guarded_total")
    with capture_logs() as logs, django_capture_on_commit_callbacks(execute=True) as told:
        found = explaining.explain_many(call_at(now), texts(NUMBERS))
    assert {one.message.failure for one in found if isinstance(one, explaining.Explanation)} == {"", "day_spent"}
    assert (told, logs, read("guarded_total")) == ([], [], before)
    assert not Counter.objects.exclude(key__startswith="notify:trial").exists()


def test_dry_runs_have_a_quota_of_their_own(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_MINUTE = 5
    explaining.explain(call_at(now), *mails(1))
    explaining.explain_many(call_at(now), mails(4))
    with pytest.raises(Throttled) as refusal:
        explaining.explain(call_at(now), *mails(1))
    assert refusal.value.retry_after == 60
    assert accepting.accept(call_at(now), *mails(1)).only.status == "queued"
    other = Call(sender=Sender(caller=uuid7()), now=now)
    assert explaining.explain(other, *mails(1)).due_at == now


@pytest.mark.django_db(transaction=True)
def test_large_calls_that_share_everything_do_not_stop_each_other(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_DAY_OF_ALL, settings.SMS_COST_PER_DAY = 10_000, 1_000
    settings.NOTIFICATIONS_PRICES = {"sms": {"49": 75_000}}
    turns = itertools.count()

    def send() -> Answer:
        mixed = [*mails(20), *texts(NUMBERS)]
        caller = Sender(caller=uuid7())
        return accepting.accept_many(Call(sender=caller, now=now), mixed if next(turns) % 2 else mixed[::-1])

    answers = races.run(24, send, threads=8)
    assert not [one for one in answers if isinstance(one, Refusal | Exception)]
    assert Message.objects.count() == 24 * 30
