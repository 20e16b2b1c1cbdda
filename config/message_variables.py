"""What an operator may set of the ways by which messages get out; otherwise as `config.variables`."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from config.variables import EMAIL_HOST, EMAIL_USE_SSL, EMAIL_USE_TLS, PRODUCTION, env

_CHANNELS = ("email", "sms", "whatsapp", "telegram", "push")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

env.section(
    "Providers",
    "By whom messages get out: [providers](notifications.md#providers). Secrets are best read from files.",
)

NOVU_API_KEY = env.text("NOVU_API_KEY", meaning="The secret key of an environment of Novu.")
NOVU_URL = env.text("NOVU_URL", "https://api.novu.co", meaning="Where Novu answers.")
NOVU_WORKFLOWS = env.mapping(
    "NOVU_WORKFLOWS",
    "list of `channel=workflow`",
    meaning="The workflow that carries each channel. Novu carries no other channels.",
)
NOVU_WEBHOOK_SECRET = env.text("NOVU_WEBHOOK_SECRET", meaning="By which Novu signs what it reports (`whsec_…`).")
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", meaning="The account at Twilio (`AC…`).")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", meaning="Its token, by which Twilio also signs what it reports.")
TWILIO_FROM = env.text("TWILIO_FROM", meaning="The number that SMS are from (`+…`).")
TWILIO_MESSAGING_SERVICE_SID = env.text(
    "TWILIO_MESSAGING_SERVICE_SID", meaning="The messaging service (`MG…`) that chooses the number instead."
)
TWILIO_WHATSAPP_FROM = env.text("TWILIO_WHATSAPP_FROM", meaning="The number that WhatsApp messages are from.")
TWILIO_CONTENT_SID = env.text(
    "TWILIO_CONTENT_SID", meaning="The approved template (`HX…`) that WhatsApp messages go out in."
)
TWILIO_CONTENT_VARIABLE = env.text("TWILIO_CONTENT_VARIABLE", "1", meaning="Its variable that takes the text.")
TWILIO_WEBHOOK_SECRET = env.text(
    "TWILIO_WEBHOOK_SECRET", meaning="Other tokens that reports may be signed by while `TWILIO_AUTH_TOKEN` is changed."
)
TWILIO_URL = env.text("TWILIO_URL", "https://api.twilio.com", meaning="Where Twilio answers.")
RESEND_API_KEY = env.text("RESEND_API_KEY", meaning="The key of an account at Resend (`re_…`).")
RESEND_URL = env.text("RESEND_URL", "https://api.resend.com", meaning="Where Resend answers.")
RESEND_WEBHOOK_SECRET = env.text("RESEND_WEBHOOK_SECRET", meaning="By which Resend signs what it reports (`whsec_…`).")
NOTIFICATIONS_PRIVATE_HOSTS = env.listing(
    "NOTIFICATIONS_PRIVATE_HOSTS",
    ("localhost", "127.0.0.1", "::1"),
    unset="this machine",
    meaning="Hosts of these providers that may lie in a private network, such as a Novu of your own. Any other name "
    "that leads into one is not called.",
)

APPRISE_URLS = {
    channel: env.text(
        f"APPRISE_{channel.upper()}_URLS",
        meaning="Where Apprise sends, in order, separated by blanks; `{to}` stands for the recipient.",
    ).split()
    for channel in _CHANNELS
}
APPRISE_SCHEMES = env.listing(
    "APPRISE_SCHEMES", meaning="Schemes that are allowed besides the safe ones: `json`, `jsons`."
)
APPRISE_HOSTS = env.listing(
    "APPRISE_HOSTS",
    meaning="Hosts, perhaps with a port, that addresses of Apprise with a host of their own may lead to.",
)

WEB_PUSH_PRIVATE_KEY = env.text(
    "WEB_PUSH_PRIVATE_KEY",
    meaning="By which this service shows browsers' push services who it is: 32 random bytes in base64url. "
    "Changing it makes every browser that has subscribed do so again.",
)
WEB_PUSH_HOSTS = env.listing(
    "WEB_PUSH_HOSTS",
    unset="the push services of Chrome, Edge, Firefox and Safari",
    meaning="Push services that browsers may name: hosts; `*.` before one stands for one more label.",
)
FCM_URL = env.text(
    "FCM_URL",
    meaning="How Apprise reaches the phones that register: `fcm://project/{to}?keyfile=/path/of/key.json`.",
)

env.section("Messages of callers", "What those may have sent who hold `notifications.send_message`.")

NOTIFICATIONS_RECIPIENT_DOMAINS = env.listing(
    "NOTIFICATIONS_RECIPIENT_DOMAINS", meaning="Domains that their mail may go to, each exactly; unset: any."
)
NOTIFICATIONS_REPLY_TO_DOMAINS = env.listing(
    "NOTIFICATIONS_REPLY_TO_DOMAINS", meaning="Domains that answers to it may go to, each exactly; unset: any."
)


# What each channel of a provider that has several, or only one, cannot do without.
_TEXTS = {"sms": TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID, "whatsapp": TWILIO_WHATSAPP_FROM}
_NEEDED: dict[str, Mapping[str, object]] = {
    "novu": NOVU_WORKFLOWS if NOVU_API_KEY else {},
    "twilio": _TEXTS if TWILIO_ACCOUNT_SID else {},
    "resend": {"email": RESEND_API_KEY},
    "smtp": {"email": EMAIL_HOST},
    "devices": {"push": WEB_PUSH_PRIVATE_KEY or FCM_URL},
    "apprise": APPRISE_URLS,
}


def _given(channel: str) -> tuple[str, ...]:
    """Return the providers of a channel that there is something to reach them with, the preferred one first."""
    return tuple(name for name, needed in _NEEDED.items() if needed.get(channel))


def _chain(channel: str) -> list[str]:
    default = _given(channel) or (() if PRODUCTION else ("file",))
    return env.listing(
        f"NOTIFICATIONS_{channel.upper()}_PROVIDERS",
        default,
        unset="those that are set up, in this order; in development `file` where there is none",
        meaning="The preferred one first: the next takes over when it fails. `novu`, `twilio`, `resend`, `smtp`, "
        "`devices`, `apprise`, `file`, `faulty`, `account:` and the name of one that staff set up.",
    )


NOTIFICATIONS_EMAIL_PROVIDERS = _chain("email")
NOTIFICATIONS_SMS_PROVIDERS = _chain("sms")
NOTIFICATIONS_WHATSAPP_PROVIDERS = _chain("whatsapp")
NOTIFICATIONS_TELEGRAM_PROVIDERS = _chain("telegram")
NOTIFICATIONS_PUSH_PROVIDERS = _chain("push")

NOTIFICATIONS_PROVIDER_RATES = {
    name: float(rate)
    for name, rate in env.mapping(
        "NOTIFICATIONS_PROVIDER_RATES",
        "list of `provider=number`",
        numbers=True,
        meaning="How many messages a second a provider is given at most, as `resend=5,twilio=1`.",
    ).items()
}
NOTIFICATIONS_PROVIDER_QUOTAS = {
    name: int(float(quota))
    for name, quota in env.mapping(
        "NOTIFICATIONS_PROVIDER_QUOTAS",
        "list of `provider=number`",
        numbers=True,
        meaning="How many messages a day, in UTC, a provider is given at most, as `resend=100`.",
    ).items()
}
NOTIFICATIONS_FAULTS = env.text(
    "NOTIFICATIONS_FAULTS",
    meaning="Path of a script of faults for the provider `faulty`, which sends nothing: for staging "
    "([faults](notifications.md#faults)).",
)
NOTIFICATIONS_FAULTS_ALLOWED = env.flag(
    "NOTIFICATIONS_FAULTS_ALLOWED", default=False, meaning="Whether production may use `faulty`."
)


def insist() -> None:
    """Note what production does not accept of all this."""
    if not PRODUCTION:
        return
    if not set(NOTIFICATIONS_EMAIL_PROVIDERS) - {"file", "faulty"}:
        env.refuse("EMAIL_HOST", "is missing: production needs a mail provider")
    elif EMAIL_HOST and not (EMAIL_USE_TLS or EMAIL_USE_SSL) and EMAIL_HOST not in _LOOPBACK:
        env.refuse("EMAIL_USE_TLS", "must be on: mail never leaves this machine unencrypted")
    for name, url in (("NOVU_URL", NOVU_URL), ("TWILIO_URL", TWILIO_URL), ("RESEND_URL", RESEND_URL)):
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            env.refuse(name, "must begin with https:// in production")
