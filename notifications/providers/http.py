"""A small client for providers that are spoken to over HTTP: what came of a call, in the classes of `base`.

The moment at which a line breaks decides everything, so the connections are ours: before the first byte of a request
was written nothing was taken, after it nobody knows.
"""

import ipaddress
import json
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from notifications import conf
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Email,
    Misconfigured,
    Outgoing,
    Permanent,
    RateLimited,
    SendingFailed,
    Transient,
)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291, section 2.4: nothing else has been given to anybody
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an address of version 4, by a translator
UNSAID = 15.0  # seconds to connect, where whoever uses the session does not say
LEAST_WAIT = 0.05  # seconds that each address of a name is given, however little time is left
LARGEST = 1024**2  # bytes of an answer; what these services say of a message has a few hundred
DEFAULT_REST = 1.0  # seconds, after a "too many" that does not say for how long
LONGEST_REST = 86_400.0  # seconds: no provider may put itself to rest for longer than its quota lasts
REPLAY = "Idempotency-Replay"
_NO_WORD = re.compile(r"[^A-Za-z0-9_.-]+")

STATUSES: dict[int, tuple[type[SendingFailed], str]] = {
    HTTPStatus.UNAUTHORIZED: (Misconfigured, "credentials_refused"),
    HTTPStatus.FORBIDDEN: (Misconfigured, "credentials_refused"),
    HTTPStatus.REQUEST_TIMEOUT: (Transient, "provider_error"),
    HTTPStatus.TOO_EARLY: (Transient, "provider_error"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (Deferred, "too_large"),  # another provider may well take it
}
"""Refusals that say something else than that nobody will take the message."""

Timeouts = tuple[float, float]
"""Seconds to connect, and seconds to wait for each piece of the answer."""


class _Line(threading.local):
    """How far the call of this thread has got."""

    written = False
    private = False


_line = _Line()


class _PrivateAddress(OSError):
    """The name leads into a private network, and the operator has not said that it may."""


class _Watched:
    """A connection that goes to an address it has looked at, and notes when a request is begun to be written."""

    def _new_conn(self: Any) -> socket.socket:
        # One look-up, and the connection goes to what it gave: a name cannot lead elsewhere the second time.
        found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if self._dns_host not in conf.private_hosts() and not all(_is_public(address) for address in addresses):
            _line.private = True
            raise _PrivateAddress
        return _connect(addresses, self.port, self.timeout if isinstance(self.timeout, int | float) else UNSAID)

    def send(self: Any, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _line.written = True
        super().send(data)  # type: ignore[misc]


class _Plain(_Watched, HTTPConnection):
    """A watched connection by HTTP."""


class _Secure(_Watched, HTTPSConnection):
    """A watched connection by HTTPS."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Makes watched connections, and tries nothing twice."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered: the document is empty where its body is none.

    `is_replay`: it says that it has done nothing now, and answers as it did an earlier call under the same key.
    """

    status: int
    document: Mapping[str, Any] = field(repr=False)
    retry_after: float | None
    is_replay: bool = False

    @property
    def is_good(self) -> bool:
        """Tell whether it is a yes."""
        return HTTPStatus(200) <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """One service: where it is and how we show who we are. Each thread keeps a connection of its own open."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    kept: threading.local = field(default_factory=threading.local, init=False, repr=False, compare=False)

    @property
    def fault(self) -> str:
        """Return one word for what is wrong with the address, or nothing."""
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError:
            return "bad_url"
        extra = any((parts.username, parts.query, parts.fragment, not self.url.isprintable()))
        if parts.scheme not in {"http", "https"} or not parts.hostname or extra:
            return "bad_url"
        if parts.scheme == "http" and conf.in_production() and parts.hostname not in LOOPBACK:
            return "plain_http"
        return ""

    def post(self, path: str, *, timeouts: Timeouts, headers: Mapping[str, str] | None = None, **body: Any) -> Answer:
        """Post `json` or a form (`data`). Raises Transient, Ambiguous or Misconfigured where there is no answer."""
        return self._call("POST", path, timeouts, headers=headers, **body)

    def get(self, path: str, *, timeouts: Timeouts, **query: str) -> Answer:
        """Ask for something. Raises Transient or Misconfigured where there is no answer: nothing can have happened."""
        try:
            return self._call("GET", path, timeouts, params=query)
        except Ambiguous as failure:
            raise Transient("look_up_failed", failure.detail) from failure

    def _call(self, method: str, path: str, timeouts: Timeouts, **request: Any) -> Answer:
        if fault := self.fault:
            raise Misconfigured(fault)
        session: requests.Session = getattr(self.kept, "session", None) or self._open()
        begin()
        deadline = time.monotonic() + sum(timeouts)
        address = f"{self.url.rstrip('/')}{path}"
        try:
            with session.request(
                method, address, timeout=timeouts, allow_redirects=False, stream=True, **request
            ) as response:
                return _read(response, deadline)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            session.close()
            self.kept.session = None
            raise broken(error) from error

    def _open(self) -> requests.Session:
        session = fitted(requests.Session())
        session.headers.update(self.headers)
        session.auth = self.auth
        self.kept.session = session
        return session


def fitted(session: requests.Session) -> requests.Session:
    """Let a session make watched connections: by no proxy, to where its requests say and nowhere else, and once."""
    session.trust_env = False  # no proxy, no password file, no other authorities than the house's own
    session.max_redirects = 0
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=1, max_retries=0))
    return session


def begin() -> None:
    """Note that this thread is about to make a call."""
    _line.written = _line.private = False


def timeouts_of(message: Outgoing) -> Timeouts:
    """Return how long a call for this message may take: a code is worth less with every second, a mail can wait."""
    return conf.http_timeouts("email" if isinstance(message, Email) else "text")


def refused(answer: Answer, *, code: str = "") -> SendingFailed:
    """Return the failure that an answer stands for, unless the provider's own words say more.

    `code` is the provider's word for it. An error of its own says nothing of whether the message was taken.
    """
    said = told(answer, code)
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and answer.retry_after is not None
    ):
        return rate_limited(answer, code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Ambiguous("provider_error", said)
    if status < HTTPStatus.BAD_REQUEST:
        return Misconfigured("redirected", said)  # not followed: it would take message and credentials along
    kind, word = STATUSES.get(status, (Permanent, "refused"))
    return kind(word, said)


def broken(error: Exception) -> SendingFailed:
    """Return the failure of this thread's call that has got no answer."""
    causes = list(_causes_of(error))
    if _line.private:
        return Misconfigured("private_address")
    if any(isinstance(cause, requests.TooManyRedirects) for cause in causes):
        return Misconfigured("redirected")
    if not _line.written:
        return _unwritten(causes)
    if any(isinstance(cause, TimeoutError | requests.Timeout) for cause in causes):
        return Ambiguous("timed_out")
    return Ambiguous("connection_lost", type(causes[-1]).__name__)


def _unwritten(causes: list[BaseException]) -> SendingFailed:
    """Return the failure of a call that ended before it began: nothing was taken."""
    last = type(causes[-1]).__name__
    if any(isinstance(cause, SSLCertVerificationError) for cause in causes):
        return Misconfigured("certificate_refused", last)
    if any(isinstance(cause, ValueError) for cause in causes):
        return Misconfigured("not_expressible")  # a key or an address that no request can hold
    return Transient("connection_failed", last)


def rate_limited(answer: Answer, code: str = "") -> RateLimited:
    """Return the failure of one message too many, with the rest that the provider asks for."""
    rest = DEFAULT_REST if answer.retry_after is None else answer.retry_after
    return RateLimited(detail=told(answer, code), retry_after=rest)


def told(answer: Answer, code: object = "") -> str:
    """Return what the ledger keeps of an answer: the status and the provider's word, never its sentences.

    Those may repeat what the message says.
    """
    return f"{answer.status} {_NO_WORD.sub(' ', str(code)).strip()[:100]}".strip()


def inner(document: Mapping[str, Any], *path: str) -> Any:
    """Return what lies at a path of a document; None where nothing does."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _causes_of(error: BaseException | None) -> Any:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        inside = [one for one in (getattr(error, "reason", None), *error.args) if isinstance(one, BaseException)]
        error = inside[-1] if inside else error.__context__


def _read(response: requests.Response, deadline: float) -> Answer:
    """Read an answer of a size and within a time that it cannot stretch."""
    body = bytearray()
    for piece in response.iter_content(16 * 1024):
        body += piece
        if len(body) > LARGEST or time.monotonic() > deadline:
            raise requests.Timeout
    try:
        document: Any = json.loads(bytes(body))
    except (ValueError, RecursionError):
        document = None
    rest = seconds(response.headers.get("Retry-After", ""))
    is_replay = response.headers.get(REPLAY, "").strip().lower() == "true"
    return Answer(response.status_code, document if isinstance(document, dict) else {}, rest, is_replay)


def seconds(text: str) -> float | None:
    """Return the seconds of a Retry-After: a number, or a date (RFC 9110, section 10.2.3)."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
        return min(float(text), LONGEST_REST)
    try:
        ahead = (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, ahead), LONGEST_REST)


def _connect(addresses: list[str], port: int, timeout: float) -> socket.socket:
    """Connect to the first address that answers, in the time that one may take. Raises OSError, of the last one."""
    failure: OSError = OSError("no address")
    deadline = time.monotonic() + timeout
    for address in addresses:
        try:
            made = socket.create_connection((address, port), timeout=max(LEAST_WAIT, deadline - time.monotonic()))
        except OSError as error:
            failure = error
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise failure


def _is_public(address: str) -> bool:
    """Tell whether an address lies in no private network, also where it leads into one by way of another."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed.is_global and not parsed.is_multicast
    if parsed.ipv4_mapped is not None:
        return _is_public(str(parsed.ipv4_mapped))
    if parsed in TRANSLATED:
        return _is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)))
    if parsed.sixtofour is not None and not _is_public(str(parsed.sixtofour)):
        return False
    return parsed in UNICAST and parsed.is_global
