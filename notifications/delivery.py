"""One call of one provider, on a thread that holds no database connection. Whatever happens comes back as a result."""

import time
from dataclasses import dataclass

import structlog

from notifications import metrics
from notifications.models import Attempt
from notifications.providers.base import (
    Ambiguous,
    Email,
    Misconfigured,
    Outgoing,
    Permanent,
    Provider,
    Push,
    RateLimited,
    Receipt,
    SendingFailed,
)

log = structlog.get_logger(__name__)

Outcome = Attempt.Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one attempt, in the ledger's words. `deferred`: recipients that are still to be reached."""

    outcome: Attempt.Outcome
    error: str = ""
    detail: str = ""
    provider_id: str = ""
    retry_after: float = 0.0
    deferred: tuple[str, ...] = ()

    @property
    def may_go_elsewhere(self) -> bool:
        """Tell whether the next provider may try at once: nothing was taken, and the message is not to blame."""
        return self.outcome in (Outcome.DEFERRED, Outcome.MISCONFIGURED)


WITHDRAWN = Result(outcome=Outcome.WITHDRAWN)


def hand_over(provider: Provider, outgoing: Outgoing) -> Result:
    """Give a message to a provider and tell what became of it. Never raises."""
    started = time.perf_counter()
    try:
        if isinstance(outgoing, Email):
            return _taken(provider.send_email(outgoing))
        if isinstance(outgoing, Push):
            return _taken(provider.send_push(outgoing))
        return _taken(provider.send_sms(outgoing))
    except SendingFailed as failure:
        return _failed(failure)
    except Exception as error:  # noqa: BLE001 - its own code may raise anything
        # A fault in the provider's own code says nothing about whether the message went out.
        fault = type(error).__name__  # not its text or trace, which may show the message
        log.error("provider_fault", provider=provider.name, message=str(outgoing.id), error=fault)  # noqa: TRY400 - as above
        return Result(outcome=Outcome.UNKNOWN, error="provider_fault", detail=fault)
    finally:
        metrics.DELIVERY_SECONDS.observe(time.perf_counter() - started, provider=provider.name)


def unbuilt(error: Exception) -> Result:
    """Return the result of a message that could not be built: a mistake of ours, which the next release may mend.

    Only the error's class is kept: its words could hold what the message would have said.
    """
    return Result(outcome=Outcome.DEFERRED, error="not_built", detail=type(error).__name__)


def _taken(receipt: Receipt) -> Result:
    missed = [f"{len(receipt.refused)} refused"] if receipt.refused else []
    missed += [f"{len(receipt.deferred)} deferred"] if receipt.deferred else []
    return Result(
        outcome=Outcome.ACCEPTED,
        error="some_recipients_missed" if missed else "",
        detail=f"{', '.join(missed)}: {', '.join(receipt.refused + receipt.deferred)}"[:255] if missed else "",
        provider_id=receipt.provider_id,
        deferred=receipt.deferred,
    )


def _failed(failure: SendingFailed) -> Result:
    outcomes = {Permanent: Outcome.REFUSED, Ambiguous: Outcome.UNKNOWN, Misconfigured: Outcome.MISCONFIGURED}
    return Result(
        outcome=outcomes.get(type(failure), Outcome.DEFERRED),
        error=failure.code[:64],
        detail=failure.detail[:255],
        retry_after=failure.retry_after if isinstance(failure, RateLimited) else 0.0,
    )
