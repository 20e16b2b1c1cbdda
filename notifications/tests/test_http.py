"""What came of a call over HTTP, in the classes that the dispatcher knows: against a server that misbehaves."""

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from notifications.providers import http
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Misconfigured,
    Permanent,
    RateLimited,
    SendingFailed,
    Transient,
)
from notifications.providers.novu import NovuProvider
from notifications.providers.resend import ResendProvider
from notifications.tests.certificates import unsigned
from notifications.tests.fakes.base import Move
from notifications.tests.fakes.mails import mail
from notifications.tests.fakes.novu import FakeNovu
from notifications.tests.fakes.resend import FakeResend
from notifications.tests.smtp import free_port

QUICK = (1.0, 0.3)


@pytest.fixture(autouse=True)
def _impatient(settings: Any) -> None:
    settings.NOTIFICATIONS_HTTP_TIMEOUTS = {"email": QUICK, "text": QUICK}


@pytest.fixture
def fake() -> Iterator[FakeResend]:
    with FakeResend() as running:
        yield running


def failure_of(fake: FakeResend, move: Move | None = None) -> SendingFailed:
    """Return how a mail fails with which this is done."""
    if move:
        fake.moves.append(move)
    with pytest.raises(SendingFailed) as caught:
        ResendProvider(fake.config).send_email(mail())
    return caught.value


def test_nobody_there_is_for_now_and_nothing_was_taken() -> None:
    provider = ResendProvider({"api_key": "k", "url": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(Transient) as caught:
        provider.send_email(mail())
    assert (type(caught.value), caught.value.code) == (Transient, "connection_failed")


def test_a_name_that_is_none_is_for_now() -> None:
    with pytest.raises(Transient) as caught:
        ResendProvider({"api_key": "k", "url": "http://nobody.invalid"}).send_email(mail())
    assert caught.value.code == "connection_failed"


@pytest.mark.parametrize("taken", [True, False])
def test_a_late_answer_leaves_it_unknown_whether_the_message_was_taken(fake: FakeResend, taken: bool) -> None:
    failure = failure_of(fake, Move(take=taken, status=200, seconds=0.6))
    assert (type(failure), failure.code) == (Ambiguous, "timed_out")
    assert len(fake.delivered) == taken


def test_a_line_that_is_cut_after_the_request_leaves_it_unknown(fake: FakeResend) -> None:
    failure = failure_of(fake, Move(take=True, hang_up=True))
    assert (type(failure), failure.code) == (Ambiguous, "connection_lost")


def test_an_answer_that_drips_does_not_hold_a_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=(listener,), daemon=True).start()
        started = time.monotonic()
        with pytest.raises(Ambiguous):
            ResendProvider({"api_key": "k", "url": f"http://127.0.0.1:{listener.getsockname()[1]}"}).send_email(mail())
    assert time.monotonic() - started < 3


def drip(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line, suppress(OSError):
        line.recv(65_536)
        line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            line.sendall(b"1\r\n{\r\n")
            time.sleep(0.1)


def test_an_answer_that_is_too_large_is_not_read_to_its_end(fake: FakeResend) -> None:
    assert isinstance(failure_of(fake, Move(status=200, document="x" * (http.LARGEST + 1))), Ambiguous)


@pytest.mark.parametrize(
    ("move", "kind", "code"),
    [
        (Move(status=400), Permanent, "refused"),
        (Move(status=401), Misconfigured, "credentials_refused"),
        (Move(status=403), Misconfigured, "credentials_refused"),
        (Move(status=408), Transient, "provider_error"),
        (Move(status=413), Deferred, "too_large"),
        (Move(status=422), Permanent, "refused"),
        (Move(status=599), Ambiguous, "provider_error"),
        (Move(status=999), Ambiguous, "provider_error"),
        (Move(status=500), Ambiguous, "provider_error"),
        (Move(status=502), Ambiguous, "provider_error"),
        (Move(status=503), Ambiguous, "provider_error"),
        (Move(status=301, headers={"Location": "http://169.254.169.254/"}), Misconfigured, "redirected"),
        (Move(status=307, headers={"Location": "http://10.0.0.1/"}), Misconfigured, "redirected"),
        (Move(status=200, document=[]), Ambiguous, "answer_unreadable"),
        (Move(status=200), Ambiguous, "answer_unreadable"),
    ],
)
def test_a_status_stands_for_a_class(fake: FakeResend, move: Move, kind: type[SendingFailed], code: str) -> None:
    failure = failure_of(fake, move)
    assert (type(failure), failure.code) == (kind, code)
    assert len(fake.seen) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("header", "rest"), [("7", 7), ("2.5", 2.5), ("999999999", 86_400)])
def test_a_rest_that_is_asked_for_is_told(fake: FakeResend, status: int, header: str, rest: float) -> None:
    failure = failure_of(fake, Move(status=status, headers={"Retry-After": header}))
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == rest


@pytest.mark.parametrize("status", [429, 503])
def test_a_rest_until_a_moment_is_told(fake: FakeResend, status: int) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    failure = failure_of(fake, Move(status=status, headers={"Retry-After": in_an_hour}))
    assert isinstance(failure, RateLimited)
    assert 3_000 < failure.retry_after <= 3_600


def test_too_many_without_a_rest_is_a_second(fake: FakeResend) -> None:
    failure = failure_of(fake, Move(status=429, headers={"Retry-After": "soon"}))
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == http.DEFAULT_REST


def test_what_is_kept_of_an_answer_holds_no_sentence_of_it(fake: FakeResend) -> None:
    document = {"name": "validation_error", "message": "anna@example.com: your code is 123456"}
    assert failure_of(fake, Move(status=400, document=document)).detail == "400 validation_error"


def test_a_connection_is_kept_open_and_one_that_was_closed_opened_anew(fake: FakeResend) -> None:
    provider = ResendProvider(fake.config)
    for _ in range(3):
        provider.send_email(mail())
    fake.moves.append(Move(hang_up=True))
    with pytest.raises(Ambiguous):
        provider.send_email(mail())
    provider.send_email(mail())
    assert len(fake.delivered) == 4


def test_no_proxy_of_the_environment_sees_a_message(fake: FakeResend, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    ResendProvider(fake.config).send_email(mail())
    assert len(fake.delivered) == 1


def test_a_name_that_leads_into_a_private_network_is_not_called(fake: FakeResend, settings: Any) -> None:
    settings.NOTIFICATIONS_PRIVATE_HOSTS = []
    failure = failure_of(fake)
    assert (type(failure), failure.code, fake.seen) == (Misconfigured, "private_address", [])


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "ftp://127.0.0.1", "file:///etc/passwd", "https://me:secret@api.example.com", ""]
)
def test_an_address_that_may_not_be_called_is_no_message_s_fault(url: str, settings: Any) -> None:
    settings.PRODUCTION = True
    provider = NovuProvider({"api_key": "k", "url": url or "https:///v1", "workflows": {"email": "w"}})
    with pytest.raises(Misconfigured):
        provider.send_email(mail())
    assert provider.health() in {"plain_http", "bad_url"}


def test_a_certificate_that_does_not_hold_is_no_message_s_fault(tmp_path: Any) -> None:
    with FakeNovu() as fake:
        secured(fake, tmp_path)
        provider = NovuProvider(fake.config | {"url": f"https://127.0.0.1:{fake.port}"})
        with pytest.raises(Misconfigured) as caught:
            provider.send_email(mail())
    assert (caught.value.code, fake.seen) == ("certificate_refused", [])


def secured(fake: FakeNovu, directory: Any) -> None:
    """Let a fake speak TLS with a certificate that nobody has signed."""
    fake._server.socket = unsigned(directory).wrap_socket(fake._server.socket, server_side=True)


def test_no_secret_is_shown_by_a_provider() -> None:
    provider = NovuProvider({"api_key": "the-secret", "workflows": {"email": "w"}})
    assert "the-secret" not in repr(provider) + repr(provider._client)


@pytest.mark.parametrize(
    "header",
    [
        *("-5", "NaN", "inf", "1e9", "9" * 30, "1,2", "Fri, 99 Foo 2030", ""),
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 2030 00:00:00 +99999999999999999999",
    ],
)
def test_rest_that_is_none_is_none(header: str) -> None:
    assert http.seconds(header) is None


def test_rest_until_a_moment_that_is_over_is_none_at_all() -> None:
    assert http.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("8.8.8.8", True), ("::ffff:8.8.8.8", True), ("2a00:1450::1", True)),
        *(("64:ff9b::808:808", True), ("64:ff9b::a00:1", False), ("64:ff9b::a9fe:a9fe", False)),
        *(("10.0.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.1.2.3", False)),
        *(("::ffff:10.0.0.1", False), ("2002:a00:1::", False), ("::a00:1", False), ("fec0::1", False)),
        *(("fe80::1%eth0", False), ("fc00::1", False), ("::1", False), ("::", False), ("ff0e::1", False)),
        *(("224.0.0.1", False), ("255.255.255.255", False), ("5f00::1", False), ("::ffff:0:10.0.0.1", False)),
    ],
)
def test_only_what_leads_out_is_public(address: str, *, public: bool) -> None:
    assert http._is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://[",
        "http://h:99999",
        "http://h:x",
        "https://h#x",
        "https://h?x",
        "https://\u2100.com",
        "https://h/\n",
        "h",
    ],
)
def test_address_that_is_none_is_told_at_once(url: str) -> None:
    assert http.Client(url=url).fault == "bad_url"


@pytest.mark.parametrize("key", ["a\nb", "a\r\nX-Other: b", "\u20ac"])
def test_key_that_no_request_can_hold_is_no_message_s_fault(fake: FakeResend, key: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        ResendProvider(fake.config | {"api_key": key}).send_email(mail())
    assert (caught.value.code, fake.delivered) == ("not_expressible", [])


def test_answer_that_swells_is_not_unpacked_to_its_end(fake: FakeResend) -> None:
    bomb = gzip.compress(bytes(64 * 1024**2))
    with served(b"Content-Encoding: gzip\r\n", bomb) as url:
        tracemalloc.start()
        with pytest.raises(Ambiguous):
            ResendProvider(fake.config | {"url": url}).send_email(mail())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 16 * http.LARGEST


@contextmanager
def served(headers: bytes, body: bytes) -> Iterator[str]:
    """Yield the address of a server that answers one request with these bytes."""

    def answer() -> None:
        line, _ = listener.accept()
        with line, suppress(OSError):
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (headers, len(body), body))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_addresses_of_a_name_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def refuse(_: Any, timeout: float) -> None:
        given.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(time, "monotonic", iter(range(100)).__next__)
    with pytest.raises(TimeoutError):
        http._connect(["192.0.2.1"] * 5, 443, 3.0)
    assert given == [2, 1, http.LEAST_WAIT, http.LEAST_WAIT, http.LEAST_WAIT]


def test_session_of_another_s_making_connects_without_a_time_of_its_own(fake: FakeResend) -> None:
    answer = http.fitted(requests.Session()).post(f"{fake.url}/emails", json={})
    assert answer.status_code == 403
