from typing import Any

import pytest

from kit.clock import utcnow
from kit.errors import Conflict
from kit.ids import uuid7
from kit.origin import NOWHERE
from notifications import retrying
from notifications.models import Message
from notifications.testing import make_message

pytestmark = pytest.mark.django_db


def retried(**fields: Any) -> Message:
    message = make_message(due_at=None, **fields)
    return retrying.retry(message=message, actor=uuid7(), now=utcnow(), origin=NOWHERE, reason="Asked for")


def test_failed_message_waits_again_under_a_key_that_no_provider_has_had() -> None:
    message = retried(status=Message.Status.FAILED, failure="unavailable", tries=3, passed_over=["novu"])
    assert (message.status, message.failure, message.tries) == (Message.Status.QUEUED, "", 4)
    assert (message.passed_over, message.due_at is None) == ([], False)


def test_message_that_may_have_been_taken_keeps_its_key() -> None:
    assert retried(status=Message.Status.FAILED, failure="unknown", tries=3, in_doubt="resend").tries == 3


def test_message_that_has_not_failed_is_not_tried_again() -> None:
    with pytest.raises(Conflict):
        retried(status=Message.Status.SENT)
