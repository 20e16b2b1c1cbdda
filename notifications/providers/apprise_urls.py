"""Where Apprise may be sent: addresses that an operator wrote, of schemes that are known, on hosts that are listed.

Nothing of a caller's ever becomes an address. The one thing that enters it is the recipient, quoted, in the place that
the operator marked with `{to}`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from notifications import conf

PLACE = "{to}"
SERVICES = frozenset({"twilio", "tgram", "whatsapp", "fcm", "resend", "sendgrid", "brevo", "vonage"})
"""They lead to their own hosts, whatever the address says."""
ENCRYPTED = frozenset({"mailtos", "ntfys", "gotifys", "signals", "jsons"})
PLAIN = frozenset({"mailto", "ntfy", "gotify", "signal", "json"})
ON_REQUEST = frozenset({"json", "jsons"})
OURS = frozenset({"retry", "wait", "rto", "cto", "redirect", "verify", "attach", "inline", "pgp"})
"""What an address may not say, because the provider does."""
BROADCAST = frozenset({"push"})
"""Channels whose address may lead to one place for everybody."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_RECIPIENT = re.compile(r"[A-Za-z0-9@+._:='~-]{1,4096}")
_UNCLEAN = re.compile(r"[^!-~]|\\")


class NoAddress(ValueError):
    """No address for Apprise; the text says why, and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What of an address decides whether it may be used."""

    scheme: str
    host: str
    port: int | None


def place_of(url: str) -> Place:
    """Return where an address leads. Raises NoAddress for one that two readers could read differently."""
    if _UNCLEAN.search(url):
        raise NoAddress("holds a blank, a backslash or a character beyond ASCII")
    scheme, separator, _ = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in SERVICES | ENCRYPTED | PLAIN:
        raise NoAddress("has a scheme that is not allowed")
    if scheme in SERVICES:
        return Place(scheme, "", None)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NoAddress("has a host or port that is none") from None
    if parts.netloc.count("@") > 1 or not re.fullmatch(r"[a-z0-9.:-]+", parts.hostname or ""):
        raise NoAddress("has a host that is none")
    return Place(scheme, parts.hostname or "", port)


def check(url: str, channel: str) -> None:
    """Raise NoAddress unless an address may be used for a channel, as this service is set up."""
    place = place_of(url)
    if place.scheme in ON_REQUEST and place.scheme not in conf.apprise_schemes():
        raise NoAddress("has a scheme that APPRISE_SCHEMES does not name")
    if place.host and not _is_listed(place, conf.apprise_hosts()):
        raise NoAddress("leads to a host that APPRISE_HOSTS does not name")
    if conf.in_production() and place.scheme in PLAIN and place.host not in LOOPBACK:
        raise NoAddress("would leave this machine in plain text")
    _check_words(url, channel)


def _check_words(url: str, channel: str) -> None:
    """Raise NoAddress where an address says what is not its to say, or has no place for the recipient."""
    parts = urlsplit(url)
    if OURS & {name.lstrip("+-:").lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        raise NoAddress(f"sets what it may not set ({', '.join(sorted(OURS))})")
    if PLACE in parts.netloc or PLACE in parts.scheme:
        raise NoAddress("has the recipient in the place of the host")
    if PLACE not in url and channel not in BROADCAST:
        raise NoAddress(f"has no {PLACE} for the recipient")


def _is_listed(place: Place, listed: Iterable[str]) -> bool:
    """Tell whether a host is on the list as a whole: no part of a name, and no pattern."""
    full = f"{place.host}:{place.port}" if place.port else place.host
    return any(entry.lower() in {place.host, full} for entry in listed)


def fits(recipient: str) -> bool:
    """Tell whether a recipient can stand in an address without meaning anything else there."""
    return _RECIPIENT.fullmatch(recipient) is not None


def filled(url: str, recipient: str) -> str:
    """Return the address for a recipient that `fits`."""
    return url.replace(PLACE, quote(recipient, safe=""))
