"""What this app's tests share: an empty post-box."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from kit.clock import utcnow
from notifications import testing


@pytest.fixture(autouse=True)
def _empty_post_box() -> Iterator[None]:
    yield
    testing.forget_mail()
    testing.greetings.clear()


@pytest.fixture
def now() -> datetime:
    """Return the moment at which everything in a test happens."""
    return utcnow()
