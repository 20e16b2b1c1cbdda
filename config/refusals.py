"""Refused permissions leave an audit entry, though the floor that refuses knows nothing of audit."""

from typing import Any

from django.db import transaction

from audit import recording
from audit.vocabulary import Outcome
from config.event_types import PERMISSION_REFUSED
from kit.clock import utcnow
from kit.requests import origin_of


def record_refusal(request: Any, permission: str) -> None:
    """Record that a caller lacked a permission (PERMISSION_REFUSAL_RECORDER)."""
    with transaction.atomic():
        recording.record(
            PERMISSION_REFUSED,
            now=utcnow(),
            actor=request.user.pk,
            outcome=Outcome.REFUSED,
            details={"permission": permission, "method": request.method},
            origin=origin_of(request),
        )
