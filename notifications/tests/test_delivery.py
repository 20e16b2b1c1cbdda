"""Whatever a provider says comes back as a result that the ledger can keep: one bad answer must not stop a worker."""

from datetime import timedelta
from typing import Any

import pytest

from kit.clock import utcnow
from notifications import delivery
from notifications.models import Attempt, Message
from notifications.providers.base import Deferred, Guarantees, RateLimited, Receipt
from notifications.testing import RecordingProvider, answers, deliver_all, forget_mail, make_message
from notifications.tests.fakes.mails import doubt, mail

ODD: Any = object()


@pytest.fixture(autouse=True)
def _clean() -> Any:
    yield
    forget_mail()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 10_000, 7, None, ""])
def test_odd_name_for_a_message_is_kept_as_far_as_it_can_be(name: Any) -> None:
    answers.append(Receipt(provider_id=name))
    message = make_message()
    deliver_all()
    assert Message.objects.get(pk=message.pk).status == "sent"
    assert len(Attempt.objects.get(message=message).provider_id) <= 255


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["a\0b", "\ud800", "x" * 10_000, 7, None])
def test_odd_words_of_a_failure_are_kept_as_far_as_they_can_be(said: Any) -> None:
    answers.append(Deferred(said, said))
    message = make_message()
    deliver_all()
    attempt = Attempt.objects.get(message=message)
    assert (attempt.outcome, len(attempt.detail) <= 255, len(attempt.error) <= 64) == ("deferred", True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("rest", [float("nan"), float("inf"), 1e300, -5, 0])
def test_odd_rest_is_no_longer_than_a_day(rest: float) -> None:
    answers.append(RateLimited(retry_after=rest))
    message = make_message(expires_at=utcnow() + timedelta(days=2))
    deliver_all()
    assert Message.objects.get(pk=message.pk).status == "queued"
    result = delivery._failed(RateLimited(retry_after=rest))
    assert 0 <= result.retry_after <= delivery.LONGEST_WAIT


class Odd(RecordingProvider):
    """Finds what is none."""

    guarantees = Guarantees(looks_up=True)

    def find(self, *_: Any) -> Any:
        """Return something."""
        return ODD


def test_odd_finding_is_a_fault_of_the_provider() -> None:
    result = delivery.hand_over(Odd(), mail(), doubt=doubt())
    assert (result.outcome, result.error, result.is_fault) == ("unknown", "provider_fault", True)
