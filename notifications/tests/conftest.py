"""Chains of scripted providers, for the tests of what follows when some of them fail."""

from collections.abc import Iterator
from typing import Any

import pytest

from notifications.tests import scripted
from notifications.tests.scripted import CHAIN


@pytest.fixture
def chain_of_two(settings: Any) -> Iterator[None]:
    """Send mail by `plain`, and by `second` when that fails, on four threads."""
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "PlainProvider", CHAIN + "SecondProvider"]
    settings.NOTIFICATIONS_THREADS = 4
    yield
    scripted.forget()


@pytest.fixture
def chain_that_reports(settings: Any) -> Iterator[None]:
    """Send mail by `reporting`, which tells later what came of it, and by `second` when that fails."""
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider", CHAIN + "SecondProvider"]
    yield
    scripted.forget()


@pytest.fixture
def alone(chain_of_two: None, settings: Any) -> None:
    """Send mail by `plain` alone."""
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "PlainProvider"]
