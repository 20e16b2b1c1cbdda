"""The app's settings, typed, with defaults and meaning. Read on each use, so that tests may override them.

- `NOTIFICATIONS_KINDS`: modules whose `KINDS` are the kinds of message that apps above declare.
- `NOTIFICATIONS_BELL`: dotted path of the task that wakes a worker after a commit; empty: the sweep alone finds work.
- `NOTIFICATIONS_PRICES`: millionths of the currency for a part, by channel and by what the number begins with.
- `PRODUCTION`: whether mail must be encrypted and go through a server; what `GATEHOUSE_ENV` says.
"""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

_ALWAYS = {"inbox": ("inbox",)}  # the channel in the product itself, and what writes it


def providers_of(channel: str) -> tuple[str, ...]:
    """NOTIFICATIONS_<CHANNEL>_PROVIDERS: the providers of a channel in order of preference.

    Each is `smtp`, `file`, or the dotted path of a class of one's own. The inbox has one way only.
    """
    return _ALWAYS.get(channel) or tuple(getattr(settings, f"NOTIFICATIONS_{channel.upper()}_PROVIDERS", ()))


def sender() -> str:
    """DEFAULT_FROM_EMAIL: whom every mail is from, `Name <address>`. No caller can choose another."""
    return settings.DEFAULT_FROM_EMAIL


def sender_address() -> str:
    """Return the bare address of the sender, for the envelope (RFC 5321)."""
    return parseaddr(sender())[1]


def host() -> str:
    """Return the host of PUBLIC_URL: the right-hand side of our Message-IDs."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def provider_timeout() -> int:
    """EMAIL_TIMEOUT: seconds that one step of talking to a provider may take; 15."""
    return settings.EMAIL_TIMEOUT or 15


def lease() -> timedelta:
    """How long a claimed message belongs to its worker: a minute, or four provider time-outs if that is longer.

    New sends are begun in the first half only, so that even a slow one ends before the lease does.
    """
    return timedelta(seconds=max(60, 4 * provider_timeout()))


def threads() -> int:
    """NOTIFICATIONS_THREADS: how many messages a process sends at once. A quarter is kept for the urgent lane."""
    return max(2, int(getattr(settings, "NOTIFICATIONS_THREADS", 16)))


def batch() -> int:
    """NOTIFICATIONS_BATCH: how many messages one claim takes; twice `NOTIFICATIONS_THREADS` unless set.

    Whatever a killed worker had claimed waits for the end of its lease, so more would only delay more.
    """
    return max(1, int(getattr(settings, "NOTIFICATIONS_BATCH", 2 * threads())))


def run_time() -> float:
    """NOTIFICATIONS_RUN_SECONDS: seconds after which a run hands over to the next task, so that a worker can stop."""
    return float(getattr(settings, "NOTIFICATIONS_RUN_SECONDS", 5))


def categories() -> Mapping[str, Mapping[str, Any]]:
    """NOTIFICATIONS_CATEGORIES: categories by name, each with `title`, `bulk`, `must_arrive`, `default_channels`.

    `digest_allowed` (True) says whether a person may have it gathered by hour or day. Those of the house keep what is
    bound to arrive and what is bulk.
    """
    found: Mapping[str, Mapping[str, Any]] = getattr(settings, "NOTIFICATIONS_CATEGORIES", {})
    return found


def unsubscribe_address() -> str:
    """NOTIFICATIONS_UNSUBSCRIBE_MAILTO: where one unsubscribes by mail, named beside the link; empty: nowhere."""
    return str(getattr(settings, "NOTIFICATIONS_UNSUBSCRIBE_MAILTO", ""))


def blank_after() -> timedelta:
    """NOTIFICATIONS_RETENTION_DAYS: days after which what a message said is forgotten; 30."""
    return timedelta(days=max(1, int(getattr(settings, "NOTIFICATIONS_RETENTION_DAYS", 30))))


def delete_after() -> timedelta:
    """NOTIFICATIONS_DELETE_DAYS: days after which a message is deleted with its attempts and receipts; 400."""
    return max(blank_after(), timedelta(days=int(getattr(settings, "NOTIFICATIONS_DELETE_DAYS", 400))))


def bounce_rest() -> timedelta:
    """NOTIFICATIONS_BOUNCE_DAYS: days for which nothing is sent to an address that could not be reached; 30."""
    return timedelta(days=max(1, int(getattr(settings, "NOTIFICATIONS_BOUNCE_DAYS", 30))))


def inbox_kept() -> int:
    """NOTIFICATIONS_INBOX_KEPT: how many items an inbox holds; beyond them the oldest go. 1,000."""
    return max(1, int(getattr(settings, "NOTIFICATIONS_INBOX_KEPT", 1000)))


def credentials_of(driver: str) -> Mapping[str, Any]:
    """Return what the settings say of a service: NOVU_*, TWILIO_* or RESEND_*, by the rest of their names.

    `NOVU_API_KEY` is `api_key` of `novu`. What is empty is left out.
    """
    names = _CREDENTIALS[driver]
    found = {name: getattr(settings, f"{driver}_{name}".upper(), "") for name in names}
    return {name: value for name, value in found.items() if value}


_CREDENTIALS = {
    "novu": ("api_key", "url", "workflows", "webhook_secret"),
    "twilio": (
        *("account_sid", "auth_token", "from", "whatsapp_from", "messaging_service_sid", "content_sid", "url"),
        *("content_variable", "webhook_secret"),
    ),
    "resend": ("api_key", "url", "webhook_secret"),
}


def http_timeouts(kind: str) -> tuple[float, float]:
    """NOTIFICATIONS_HTTP_TIMEOUTS: seconds to connect and to wait: `email` (5, 15), and `text` for the rest (3, 8)."""
    chosen: Mapping[str, tuple[float, float]] = getattr(settings, "NOTIFICATIONS_HTTP_TIMEOUTS", {})
    return chosen.get(kind) or {"email": (5.0, 15.0), "text": (3.0, 8.0)}[kind]


def mail_backend() -> str:
    """NOTIFICATIONS_MAIL_BACKEND: the class of django-anymail that the provider `anymail` sends by."""
    return str(getattr(settings, "NOTIFICATIONS_MAIL_BACKEND", ""))


def private_hosts() -> frozenset[str]:
    """NOTIFICATIONS_PRIVATE_HOSTS: hosts of providers that may lie in a private network; by default the loopback ones.

    Any other name that leads into one is not called, so that nobody who answers for a name can point us inside.
    """
    return frozenset(getattr(settings, "NOTIFICATIONS_PRIVATE_HOSTS", ("localhost", "127.0.0.1", "::1")))


def callback_url(provider: str) -> str:
    """Return where a provider reports what became of a message, as it sees it: PUBLIC_URL and a path."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/api/v1/notify/callbacks/{provider}"


def in_production() -> bool:
    """Return whether this serves people; what GATEHOUSE_ENV says."""
    return bool(getattr(settings, "PRODUCTION", False))


def apprise_urls(channel: str) -> tuple[str, ...]:
    """APPRISE_URLS: where Apprise sends each channel, in order; `{to}` stands for the recipient. Holds secrets."""
    return tuple(getattr(settings, "APPRISE_URLS", {}).get(channel, ()))


def apprise_schemes() -> frozenset[str]:
    """APPRISE_SCHEMES: schemes that addresses of Apprise may have besides the safe ones: `json`, `jsons`."""
    return frozenset(getattr(settings, "APPRISE_SCHEMES", ()))


def apprise_hosts() -> tuple[str, ...]:
    """APPRISE_HOSTS: hosts, perhaps with a port, that addresses of Apprise with a host of their own may lead to."""
    return tuple(getattr(settings, "APPRISE_HOSTS", ()))


def public_url() -> str:
    """PUBLIC_URL: where people reach the service."""
    return str(settings.PUBLIC_URL)


def recipients() -> str:
    """NOTIFICATIONS_RECIPIENTS: dotted path of what tells where people are reached, by their ids; empty: nobody is.

    It is called with at most a hundred ids, and returns a `notifications.recipients.Contact` for each that it knows.
    """
    return str(getattr(settings, "NOTIFICATIONS_RECIPIENTS", ""))


def people_permission() -> str:
    """NOTIFICATIONS_PEOPLE_PERMISSION: who holds it is told where those are reached whom she writes to by id."""
    return str(getattr(settings, "NOTIFICATIONS_PEOPLE_PERMISSION", "accounts.view_user"))


def recipient_domains() -> frozenset[str]:
    """NOTIFICATIONS_RECIPIENT_DOMAINS: domains that callers may have mail sent to; empty: any."""
    return frozenset(domain.lower() for domain in getattr(settings, "NOTIFICATIONS_RECIPIENT_DOMAINS", ()))


def reply_to_domains() -> frozenset[str]:
    """NOTIFICATIONS_REPLY_TO_DOMAINS: domains that callers may have answers sent to; empty: any."""
    return frozenset(domain.lower() for domain in getattr(settings, "NOTIFICATIONS_REPLY_TO_DOMAINS", ()))


def attachment_types() -> frozenset[str]:
    """NOTIFICATIONS_ATTACHMENT_TYPES: media types that files may have, of those that are known; empty: all of them."""
    return frozenset(getattr(settings, "NOTIFICATIONS_ATTACHMENT_TYPES", ()))


def attachment_scanner() -> str:
    """NOTIFICATIONS_ATTACHMENT_SCANNER: dotted path of what looks at each file; a Refusal that it raises refuses it.

    It is called with an `Upload` (`filename`, `content_type`, `content`). Any other exception: nothing is accepted.
    """
    return str(getattr(settings, "NOTIFICATIONS_ATTACHMENT_SCANNER", ""))


def faults() -> Path | None:
    """NOTIFICATIONS_FAULTS: the script that the provider `faulty` goes by; without one it takes everything."""
    path = getattr(settings, "NOTIFICATIONS_FAULTS", "")
    return Path(path) if path else None


def faults_allowed() -> bool:
    """NOTIFICATIONS_FAULTS_ALLOWED: whether production may use the provider `faulty`, which sends nothing."""
    return bool(getattr(settings, "NOTIFICATIONS_FAULTS_ALLOWED", False))


def web_push_key() -> str:
    """WEB_PUSH_PRIVATE_KEY: by which push services know us (RFC 8292): 32 random bytes in base64url; empty: none."""
    return str(getattr(settings, "WEB_PUSH_PRIVATE_KEY", ""))


def web_push_hosts() -> tuple[str, ...]:
    """WEB_PUSH_HOSTS: hosts of push services that browsers may name; `*.` before one stands for one more label.

    One with a scheme is an origin, for a push service of one's own. By default those of the browsers' makers.
    """
    return tuple(getattr(settings, "WEB_PUSH_HOSTS", ())) or (
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    )


def fcm_url() -> str:
    """FCM_URL: the address by which Apprise reaches phones that registered with Firebase; `{to}` is the device."""
    return str(getattr(settings, "FCM_URL", ""))


def provider_rates() -> Mapping[str, float]:
    """NOTIFICATIONS_PROVIDER_RATES: how many messages a second a provider may be given, by its name; unlimited."""
    return getattr(settings, "NOTIFICATIONS_PROVIDER_RATES", {})


def provider_quotas() -> Mapping[str, int]:
    """NOTIFICATIONS_PROVIDER_QUOTAS: how many messages a day (in UTC) a provider may be given; unlimited."""
    return getattr(settings, "NOTIFICATIONS_PROVIDER_QUOTAS", {})


def staff_proof() -> str:
    """NOTIFICATIONS_STAFF_PROOF: dotted path of what makes sure who asks in the admin: called `(request, password=…)`.

    It raises a Refusal. Empty: nobody is asked, for a project whose admin does that by itself.
    """
    return str(getattr(settings, "NOTIFICATIONS_STAFF_PROOF", ""))


def stream_door() -> str:
    """NOTIFICATIONS_STREAM_DOOR: dotted path of the class that says who may listen to streams."""
    return str(settings.NOTIFICATIONS_STREAM_DOOR)
