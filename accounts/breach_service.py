"""Asking a service whether a password is known from a breach: it learns five characters of the digest, no more.

The protocol is that of Have I Been Pwned (range search), which a company can serve itself from a folder of files.
The rule for failures: whatever goes wrong, the password passes this one check. Nobody is kept from registering because
somebody else's service is slow or away; the rules in the house (length, common, breached list, personal) hold all the
same, and `breach_enquiries_total` says how many passed unasked. After a failure nobody is asked for half a minute, so
that a service that hangs costs one person two seconds and not everybody.
"""

import logging
import time
from dataclasses import dataclass

import requests
import urllib3

from accounts import conf, metrics

CONNECT_WITHIN = 1.0  # seconds
ANSWER_WITHIN = 2.0  # from the first byte sent to the last one read
PAUSE = 30.0
MOST_OCTETS = 1024 * 1024  # of an answer; a real one has 80 kB with its padding
_READ_AT_ONCE = 65_536
_PREFIX = 5

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pause:
    """Until when the service is left alone, in this process, and which service that is."""

    service: str = ""
    until: float = 0.0


_pause = _Pause()


def knows(digest: bytes) -> bool:
    """Say whether the service, where one is named, knows this SHA-1 from a breach. False for whatever goes wrong.

    Takes at most `CONNECT_WITHIN` and `ANSWER_WITHIN`; not to be called in a transaction.
    """
    service = conf.breached_service()
    if not service:
        return False
    if service == _pause.service and time.monotonic() < _pause.until:
        metrics.BREACH_ENQUIRIES.count(outcome="paused")
        return False
    text = digest.hex().upper()
    try:
        known = _is_among(text[_PREFIX:], _answer(service, text[:_PREFIX]))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        _log.warning("the service for breached passwords did not answer", extra={"error": type(error).__name__})
        _pause.service, _pause.until = service, time.monotonic() + PAUSE
        metrics.BREACH_ENQUIRIES.count(outcome="unanswered")
        return False
    metrics.BREACH_ENQUIRIES.count(outcome="breached" if known else "clear")
    return known


def forget_failure() -> None:
    """Ask again at once (tests)."""
    _pause.until = 0.0


def _answer(service: str, prefix: str) -> str:
    """Return the lines for a prefix. Raises for another status, for a late, a long and a redirected answer."""
    until = time.monotonic() + ANSWER_WITHIN
    # Padding: the length of the answer tells a listener nothing of the prefix. Identity: what is read is what came.
    headers = {"Add-Padding": "true", "Accept-Encoding": "identity", "User-Agent": "gatehouse"}
    with requests.get(
        f"{service}/range/{prefix}",
        headers=headers,
        timeout=(CONNECT_WITHIN, ANSWER_WITHIN),
        allow_redirects=False,
        stream=True,
    ) as response:
        if response.status_code != requests.codes.ok:
            raise ValueError(f"status {response.status_code}")
        read = bytearray()
        while piece := response.raw.read1(_READ_AT_ONCE):
            read += piece
            if len(read) > MOST_OCTETS or time.monotonic() > until:
                raise ValueError("the answer is too long or too late")
    return read.decode("ascii")


def _is_among(rest: str, lines: str) -> bool:
    """Say whether the lines name the rest of the digest. A count of 0 is padding."""
    for line in lines.splitlines():
        suffix, _, count = line.strip().partition(":")
        if suffix.upper() == rest:
            return count != "0"
    return False
