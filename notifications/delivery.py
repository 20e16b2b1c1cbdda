"""One call of one provider, on a thread that holds no database connection. Whatever happens comes back as a result."""

import time
from dataclasses import dataclass, field, replace

import structlog

from notifications import metrics
from notifications.models import Attempt
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Doubt,
    Email,
    Misconfigured,
    Outgoing,
    Permanent,
    Provider,
    Push,
    RateLimited,
    Receipt,
    SendingFailed,
    Transient,
)

log = structlog.get_logger(__name__)

Outcome = Attempt.Outcome

LONGEST_WAIT = 86_400.0  # seconds, whatever a provider asks for
LOOKED_UP, SILENT = "looked_up", "silent"

_OUTCOMES: dict[type[SendingFailed], Attempt.Outcome] = {
    Permanent: Outcome.REFUSED,
    Ambiguous: Outcome.UNKNOWN,
    Misconfigured: Outcome.MISCONFIGURED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one attempt, in the ledger's words. `deferred`: recipients that are still to be reached.

    `is_fault` counts against the provider; `is_ours` did not come from it at all. `is_resolved`: the provider was asked
    first, and had not taken the message before.
    """

    outcome: Attempt.Outcome
    error: str = ""
    detail: str = ""
    provider_id: str = ""
    retry_after: float = 0.0
    deferred: tuple[str, ...] = ()
    is_fault: bool = False
    is_ours: bool = False
    is_resolved: bool = False
    seconds: float = field(default=0.0, compare=False)

    @property
    def may_go_elsewhere(self) -> bool:
        """Tell whether the next provider may try at once: nothing was taken, and the message is not to blame."""
        return self.outcome in (Outcome.DEFERRED, Outcome.MISCONFIGURED, Outcome.UNDELIVERED) and not self.is_ours


WITHDRAWN = Result(outcome=Outcome.WITHDRAWN, is_ours=True)


def hand_over(provider: Provider, outgoing: Outgoing, *, doubt: Doubt | None = None, send: bool = True) -> Result:
    """Give a message to a provider and tell what became of it. Never raises.

    With a doubt the provider is asked first whether it has taken the message already; without `send` nothing follows,
    and it is told whom it has not got out to. Whoever asks before sending has what is on its way for taken.
    """
    started = time.perf_counter()
    result = _looked_up(provider, outgoing, doubt) if doubt else None
    if result is not None and send:
        result = replace(result, deferred=())
    if result is None:
        result = _sent(provider, outgoing) if send else Result(outcome=Outcome.UNDELIVERED, error=SILENT)
        result = replace(result, is_resolved=doubt is not None)
    seconds = time.perf_counter() - started
    metrics.DELIVERY_SECONDS.observe(seconds, provider=provider.name)
    return replace(result, seconds=seconds)


def unbuilt(error: Exception) -> Result:
    """Return the result of a message that could not be built: a mistake of ours, which the next release may mend.

    Only the error's class is kept: its words could hold what the message would have said.
    """
    return Result(outcome=Outcome.DEFERRED, error="not_built", detail=type(error).__name__, is_ours=True)


def _sent(provider: Provider, outgoing: Outgoing) -> Result:
    try:
        if isinstance(outgoing, Email):
            return _taken(provider.send_email(outgoing))
        if isinstance(outgoing, Push):
            return _taken(provider.send_push(outgoing))
        return _taken(provider.send_sms(outgoing))
    except SendingFailed as failure:
        return _failed(failure)
    except Exception as error:  # noqa: BLE001 - its own code may raise anything
        return _faulty(provider, outgoing, error)


def _looked_up(provider: Provider, outgoing: Outgoing, doubt: Doubt) -> Result | None:
    """Return what a provider says of a message that it may have taken; None when it has not. It may not know now."""
    try:
        receipt = provider.find(outgoing, doubt)
        return None if receipt is None else replace(_taken(receipt), error=LOOKED_UP)
    except SendingFailed as failure:
        return replace(_failed(failure), outcome=Outcome.UNKNOWN)
    except Exception as error:  # noqa: BLE001 - as above
        return _faulty(provider, outgoing, error)


def _faulty(provider: Provider, outgoing: Outgoing, error: Exception) -> Result:
    """Return the result of a fault in a provider's own code, which says nothing about whether the message went out."""
    fault = type(error).__name__  # not its text or trace, which may show the message
    log.error("provider_fault", provider=provider.name, message=str(outgoing.id), error=fault)
    return Result(outcome=Outcome.UNKNOWN, error="provider_fault", detail=fault, is_fault=True)


def _taken(receipt: Receipt) -> Result:
    missed = [f"{len(receipt.refused)} refused"] if receipt.refused else []
    missed += [f"{len(receipt.deferred)} deferred"] if receipt.deferred else []
    return Result(
        outcome=Outcome.ACCEPTED,
        error="some_recipients_missed" if missed else "",
        detail=_storable(f"{', '.join(missed)}: {', '.join(receipt.refused + receipt.deferred)}" if missed else ""),
        provider_id=_storable(receipt.provider_id),
        deferred=tuple(_storable(name) for name in receipt.deferred),
    )


def _failed(failure: SendingFailed) -> Result:
    outcome = next((word for kind, word in _OUTCOMES.items() if isinstance(failure, kind)), Outcome.DEFERRED)
    harmless = isinstance(failure, RateLimited | Deferred)
    return Result(
        outcome=outcome,
        error=_storable(failure.code, 64),
        detail=_storable(failure.detail),
        retry_after=max(0.0, min(LONGEST_WAIT, failure.retry_after)) if isinstance(failure, RateLimited) else 0.0,
        is_fault=isinstance(failure, Transient | Ambiguous) and not harmless,
    )


def _storable(said: object, length: int = 255) -> str:
    """Return what a provider said as every database takes it: cut, and without what is no text."""
    return str(said or "").replace("\0", "").encode(errors="ignore").decode()[:length]
