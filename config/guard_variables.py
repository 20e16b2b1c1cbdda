"""What an operator may set of what messages may cost, and of whom short messages reach."""

from decimal import Decimal, InvalidOperation

from config.variables import PRODUCTION, env

MILLION = 1_000_000

env.section(
    "Short messages",
    "Whoever has codes sent to numbers that share the charge with its owner earns on each. What guards against it, and "
    "what its words mean: [notifications](notifications.md#guard).",
)

SMS_COUNTRIES = env.listing(
    "SMS_COUNTRIES",
    () if PRODUCTION else ("*",),
    unset="none in production; `*` in development",
    meaning="Countries whose numbers get SMS and WhatsApp messages, as `DE,AT,CH` (ISO 3166); `*`: all of them. What "
    "carries them does not start without it in production.",
)
SMS_PER_NUMBER = env.number(
    "SMS_PER_NUMBER", 10, least=1, meaning="Messages that one number gets in an hour, whatever they are for."
)
SMS_PER_PREFIX = env.number(
    "SMS_PER_PREFIX",
    60,
    least=1,
    meaning="Messages in an hour to all numbers together that differ in their last four digits only.",
)
SMS_PER_PERSON = env.number("SMS_PER_PERSON", 20, least=1, meaning="Messages that one person has sent in 24 hours.")
SMS_PER_ADDRESS = env.number(
    "SMS_PER_ADDRESS",
    60,
    least=1,
    meaning="Codes that one network address has sent in an hour; `RATE_LIMIT_SCALE` multiplies it.",
)
SMS_PER_DAY = env.number(
    "SMS_PER_DAY",
    5_000,
    meaning="Messages of the whole house in 24 hours, beyond which none goes out. A fifth of it is kept for codes. "
    "`0`: any number.",
)
SMS_COST_PER_DAY = env.number(
    "SMS_COST_PER_DAY",
    0,
    most=1_000_000,
    meaning="What they may cost in 24 hours by the price list, in whole units of its currency. "
    "A fifth of it is kept for codes. `0`: whatever they do.",
)
SMS_ALARM_LEAST = env.number(
    "SMS_ALARM_LEAST",
    20,
    meaning="Codes to numbers that differ in their last four digits only, in 24 hours, from which on it is looked at "
    "how many were entered; ten times as many for a country, of which staff are told alone. `0`: never.",
)
SMS_ALARM_PERCENT = env.number(
    "SMS_ALARM_PERCENT",
    20,
    most=100,
    meaning="Where fewer of them than this were entered, no more are sent there for an hour, and staff are told.",
)
PRICES_CURRENCY = env.text("PRICES_CURRENCY", "EUR", meaning="The currency of the price list.")
_PRICES = env.listing(
    "PRICES",
    meaning="The price list: `sms=0.09,sms:49=0.075,whatsapp=0.05` are prices of a part by channel and, where there "
    "is one, by what the number begins with; the longest that fits counts.",
)
NOTIFY_PER_MINUTE = env.number(
    "NOTIFY_PER_MINUTE",
    3_000,
    least=1,
    meaning="Messages that one caller of the API has sent in a minute; a mail counts once for each recipient.",
)
NOTIFY_PER_DAY = env.number(
    "NOTIFY_PER_DAY", 100_000, least=1, meaning="And in 24 hours. From 80 % on the log of the workers and audit say so."
)
NOTIFY_PER_DAY_OF_ALL = env.number(
    "NOTIFY_PER_DAY_OF_ALL", 0, meaning="All callers of one application together in 24 hours. `0`: any number."
)
NOTIFY_FILES_WAITING = env.number(
    "NOTIFY_FILES_WAITING",
    500,
    most=1_000_000,
    meaning="MiB of files that one caller has waiting to be sent at a time, with 4 KiB for each beside its own bytes. "
    "`0`: any number.",
)


def _price_list() -> dict[str, dict[str, int]]:
    """Return the prices by channel and prefix, in millionths."""
    prices: dict[str, dict[str, int]] = {}
    for entry in _PRICES:
        way, _, price = entry.partition("=")
        channel, _, prefix = way.strip().partition(":")
        try:
            millionths = int(Decimal(price.strip()) * MILLION)
        except (InvalidOperation, ValueError, OverflowError):
            millionths = -1
        if not channel or not 0 <= millionths < 1000 * MILLION or not (prefix.isdigit() or not prefix):
            env.refuse("PRICES", "must be prices such as sms=0.09,sms:49=0.075, each below 1000")
            return {}
        prices.setdefault(channel, {})[prefix] = millionths
    return prices


NOTIFICATIONS_PRICES = _price_list()
