"""Messages by Apprise, on this machine: the last resort of a chain, for services that no other provider knows.

Apprise says no more than that it worked or did not, so what its log holds of the call decides how it failed: a code of
HTTP, or an error before the connection stood. Where neither is there the message may have been taken.
"""

import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import cache
from typing import Any

from notifications import conf
from notifications.providers import apprise_urls, smtp
from notifications.providers.base import (
    Ambiguous,
    Email,
    Misconfigured,
    Outgoing,
    Permanent,
    Push,
    RateLimited,
    Receipt,
    SendingFailed,
    Text,
    Transient,
    Unsupported,
    check,
)

MAIL = frozenset({"mailto", "mailtos"})
LESSER = frozenset({"TRACE", "DEBUG", "INFO"})
LINE = "Socket Exception: "  # what it writes of a call by HTTP that got no answer
PAUSE = 60.0  # seconds after a refusal for being too fast: Apprise does not pass on what the service asked for
_CODE = re.compile(r"error=(\d{3})\b")
_NOT_CONNECTED = re.compile(r"Caused by (NewConnection|ConnectTimeout|NameResolution|SSL|Proxy)Error")
_NOBODY = re.compile(r"(?i)\bno(t| valid)?\b.*\b(targets?|recipients|topics|chat_ids?|devices)\b.*notify")


class AppriseProvider(Unsupported):
    """Sends to the addresses that an operator wrote, each in turn until one takes the message."""

    name = "apprise"
    channels = frozenset({"email", "sms", "whatsapp", "telegram", "push"})

    def send_email(self, message: Email) -> Receipt:
        """Hand a mail over: whole by SMTP, else one call for each recipient."""
        return _first(message, "email", lambda url: _send_email(url, message))

    def send_sms(self, message: Text) -> Receipt:
        """Hand a short message over, on whichever channel it is for."""
        return _first(message, message.channel, lambda url: notify(url, message.to, body=message.text))

    def send_push(self, message: Push) -> Receipt:
        """Hand a push message over."""
        return _first(message, "push", lambda url: notify(url, message.to, title=message.title, body=message.body))

    def health(self) -> str:
        """Say whether there is any address."""
        return "ok" if any(conf.apprise_urls(channel) for channel in self.channels) else "not_configured"


def _first(message: Outgoing, channel: str, send: Callable[[str], Receipt]) -> Receipt:
    """Try each address of a channel until one takes the message, or might have."""
    check(message)
    failure: SendingFailed = Misconfigured("no_address")
    for url in conf.apprise_urls(channel):
        try:
            apprise_urls.check(url, channel)
            return send(url)
        except apprise_urls.NoAddress as error:
            failure = Misconfigured("address_not_allowed", str(error))
        except (Transient, Misconfigured) as error:
            failure = error
    raise failure


def notify(url: str, to: str, *, body: str, title: str = "", **more: Any) -> Receipt:
    """Send to one recipient by one address that was checked."""
    if not apprise_urls.fits(to):
        raise Permanent("recipient_not_expressible")
    library, asset = _library()
    plugin = library.Apprise.instantiate(apprise_urls.filled(url, to), asset=asset)
    _check_reading(plugin, url)
    plugin.socket_connect_timeout = plugin.socket_read_timeout = float(conf.provider_timeout())
    caller = library.Apprise(plugin, asset=asset)
    words = {"body_format": "text", **more}
    result = caller.notify(body, title=title, timeout=2 * conf.provider_timeout(), log_level=logging.DEBUG, **words)
    with result:
        return _receipt(result)


def _check_reading(plugin: Any, url: str) -> None:
    """Raise unless Apprise reads the address as `apprise_urls` does: what was checked is what is called."""
    place = apprise_urls.place_of(url)
    if plugin is None:
        raise Misconfigured("address_not_understood")
    if place.host and (str(plugin.host).lower(), plugin.port) != (place.host, place.port):
        raise Misconfigured("address_read_differently")


def _receipt(result: Any) -> Receipt:
    """Return the receipt that a result of Apprise stands for, or raise the failure."""
    if result:
        return Receipt()
    if result.status.name == "NOMATCH":
        raise Misconfigured("no_service")
    if result.status.name == "TIMEOUT":
        raise Ambiguous("timeout")
    raise _failure(list(result.logs()))


def _failure(entries: Sequence[Any]) -> SendingFailed:
    """Return the failure that a log of Apprise tells of.

    What it was asked to send stands there too, in lines of their own, so only those of its verdict and of the line are
    read: no message may say how it failed.
    """
    verdict = "\n".join(entry.message for entry in entries if entry.level not in LESSER)
    line = "\n".join(entry.message for entry in entries if entry.message.startswith(LINE))
    if found := _CODE.findall(verdict):
        return _refusal(int(found[-1]))
    if _NOT_CONNECTED.search(line):
        return Transient("connection_failed")
    if _NOBODY.search(verdict):
        return Permanent("recipient_refused")
    return Ambiguous("connection_lost")


def _refusal(code: int) -> SendingFailed:
    """Return the failure that a code of HTTP stands for (RFC 9110, section 15)."""
    told = f"HTTP {code}"
    if code in {401, 403}:
        return Misconfigured("credentials_refused", told)
    if code == 429:  # noqa: PLR2004 - RFC 6585, section 4
        return RateLimited("rate_limited", told, retry_after=PAUSE)
    if 400 <= code < 500:  # noqa: PLR2004 - the message is to blame
        return Permanent("refused", told)
    return Ambiguous("server_error", told)


def _send_email(url: str, message: Email) -> Receipt:
    if apprise_urls.place_of(url).scheme in MAIL:
        return _send_by_smtp(url, message)
    refused: list[str] = []
    deferred: list[str] = []
    for to in message.to:
        try:
            notify(url, to, **_contents(message))
        except Permanent:
            refused.append(to)
        except SendingFailed:
            if len(message.to) == 1 or len(refused) + len(deferred) == message.to.index(to):
                raise  # nobody has it yet, so the whole message may go another way
            deferred.append(to)
    if len(refused) == len(message.to):
        raise Permanent("recipient_refused")
    return Receipt(refused=tuple(refused), deferred=tuple(deferred))


def _contents(message: Email) -> dict[str, Any]:
    """Return what a mail says in Apprise's words. Files go as bytes, never as a path."""
    html = bool(message.html)
    files = [_file(one.open(), one.filename, one.content_type) for one in message.files]
    return {
        "title": message.subject,
        "body": message.html if html else message.text,
        "body_format": "html" if html else "text",
        **({"attach": files} if files else {}),
    }


def _file(content: bytes, name: str, content_type: str) -> Any:
    from apprise.attachment.memory import AttachMemory  # noqa: PLC0415 - as below

    make: Any = AttachMemory
    return make(content=content, name=name, mimetype=content_type)


def _send_by_smtp(url: str, message: Email) -> Receipt:
    """Hand a mail of our own making over to the server of an address: with its Message-ID and all its parts.

    What Apprise would make has another Message-ID each time.
    """
    library, asset = _library()
    plugin = library.Apprise.instantiate(apprise_urls.filled(url, message.to[0]), asset=asset)
    _check_reading(plugin, url)
    with closing(_connected(plugin)) as line:
        return smtp.hand_over(line, message)


def _connected(plugin: Any) -> smtplib.SMTP:
    """Return an open line to the server of an address, encrypted and logged in as it says."""
    if conf.in_production() and plugin.secure_mode == "insecure" and plugin.host not in apprise_urls.LOOPBACK:
        raise Misconfigured("plain_text")
    with smtp.opening(), ExitStack() as stack:
        line = _opened(plugin)
        stack.callback(line.close)
        if plugin.secure_mode == "starttls":
            line.starttls(context=ssl.create_default_context())
        if plugin.user and plugin.password:
            line.login(plugin.user, plugin.password)
        line.ehlo_or_helo_if_needed()
        stack.pop_all()
    return line


def _opened(plugin: Any) -> smtplib.SMTP:
    """Return a line to a server; the library checks no certificate unless it is told to."""
    timeout = conf.provider_timeout()
    if plugin.secure_mode == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(plugin.host, plugin.port or 0, timeout=timeout, context=context)
    return smtplib.SMTP(plugin.host, plugin.port or 0, timeout=timeout)


@cache
def _library() -> tuple[Any, Any]:
    """Return Apprise and its settings. Imported when first needed: it takes 40 MB."""
    import apprise  # noqa: PLC0415 - see above

    # Its lines name recipients and say what was sent: they are looked at here (`_receipt`) and written nowhere.
    lines = logging.getLogger("apprise")
    lines.propagate = False
    lines.addHandler(logging.NullHandler())
    lines.setLevel(logging.DEBUG)
    asset = apprise.AppriseAsset(
        async_mode=False,
        secure_logging=True,
        storage_mode="memory",
        http_redirects=False,
        app_id="Gatehouse",
        app_desc="",
        app_url=conf.public_url(),
    )
    return apprise, asset
