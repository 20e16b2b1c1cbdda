"""Providers that do what a test tells them and write down whom they delivered to. One of each kind of promise.

`plain` promises nothing; `keyed` keeps keys; `looking` tells what it took; `reporting` takes first and tells later.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable

from notifications.providers.base import Doubt, Email, Guarantees, Outgoing, Receipt, Unsupported

Answer = Exception | Receipt | Callable[[Email], Receipt]

CHAIN = "notifications.tests.scripted."
calls: list[tuple[str, Email]] = []
"""Each call, in order."""

delivered: dict[str, list[Email]] = defaultdict(list)
"""What really went out, by provider."""

answers: dict[str, deque[Answer]] = defaultdict(deque)
"""What a provider does with its next messages, one each."""

down: dict[str, Exception] = {}
"""What a provider does with every message while this is here."""

missed: dict[str, tuple[str, ...]] = {}
"""Whom a provider, when it is asked, says that it has not reached."""

looks: list[str] = []
"""Each time that a provider was asked whether it had taken a message."""

_lock = threading.Lock()


class Killed(BaseException):
    """Ends a run as SIGKILL ends its process: nothing is written any more."""


def forget() -> None:
    """Begin anew."""
    for kept in (calls, delivered, answers, down, missed, looks):
        kept.clear()


def keys_of(provider: str) -> list[str]:
    """Return the keys that a provider was called with, in order."""
    return [email.key for name, email in calls if name == provider]


def callers() -> list[str]:
    """Return which provider was called, each time."""
    return [name for name, _ in calls]


class PlainProvider(Unsupported):
    """Takes what it is given, unless told otherwise. A failure after `taking` is one that took the message."""

    name = "plain"
    channels = frozenset({"email"})
    guarantees = Guarantees()

    def send_email(self, message: Email) -> Receipt:
        """Do what the test says."""
        with _lock:
            calls.append((self.name, message))
            if self.name in down:
                raise down[self.name]
            answer = (
                answers[self.name].popleft() if answers[self.name] else Receipt(provider_id=f"{self.name}-{message.id}")
            )
        if isinstance(answer, Exception):
            raise answer
        receipt = answer if isinstance(answer, Receipt) else answer(message)
        self.take(message)
        return receipt

    def take(self, message: Email) -> None:
        """Deliver it."""
        delivered[self.name].append(message)

    def health(self) -> str:
        """Say that all is well."""
        return "ok"


class SecondProvider(PlainProvider):
    """Another one, for chains."""

    name = "second"


class KeyedProvider(PlainProvider):
    """Delivers each key once."""

    name = "keyed"
    guarantees = Guarantees(keys=True)

    def take(self, message: Email) -> None:
        """Deliver it, unless its key is known."""
        if message.key not in {email.key for email in delivered[self.name]}:
            delivered[self.name].append(message)


class LookingProvider(PlainProvider):
    """Tells what it took."""

    name = "looking"
    guarantees = Guarantees(looks_up=True)

    def find(self, message: Outgoing, _doubt: Doubt, /) -> Receipt | None:
        """Tell whether it was delivered."""
        looks.append(self.name)
        taken = any(email.id == message.id for email in delivered[self.name])
        lacking = missed.get(self.name, ())
        return Receipt(provider_id=f"{self.name}-{message.id}", deferred=lacking) if taken else None


class ReportingProvider(PlainProvider):
    """Takes everything and promises nothing by that; it delivers only what a test reports as delivered."""

    name = "reporting"
    guarantees = Guarantees(reports=True, taking_is_sending=False)


class KnowingProvider(LookingProvider):
    """Reports, and can be asked too."""

    name = "knowing"
    guarantees = Guarantees(reports=True, taking_is_sending=False, looks_up=True)


def lost_after_taking(provider: str, failure: BaseException) -> Answer:
    """Return an answer of a provider that delivers, and whose line breaks then."""

    def answer(message: Email) -> Receipt:
        delivered[provider].append(message)
        raise failure

    return answer
