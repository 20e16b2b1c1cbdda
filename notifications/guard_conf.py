"""The settings of guard, prices and quotas, typed; `config.guard_variables` says what each means to an operator."""

from collections.abc import Mapping

from django.conf import settings

ANYWHERE = "*"


def countries() -> frozenset[str]:
    """SMS_COUNTRIES: whose numbers get short messages, by ISO 3166; `*`: all. Unset: none in production, else all."""
    unset = () if getattr(settings, "PRODUCTION", False) else (ANYWHERE,)
    return frozenset(name.upper() for name in getattr(settings, "SMS_COUNTRIES", unset))


def per_number() -> int:
    """SMS_PER_NUMBER: messages to one number in an hour."""
    return int(getattr(settings, "SMS_PER_NUMBER", 10))


def per_prefix() -> int:
    """SMS_PER_PREFIX: messages in an hour to numbers that differ in their last four digits only."""
    return int(getattr(settings, "SMS_PER_PREFIX", 60))


def per_person() -> int:
    """SMS_PER_PERSON: messages for one person in a day."""
    return int(getattr(settings, "SMS_PER_PERSON", 20))


def per_address() -> int:
    """SMS_PER_ADDRESS: codes asked for from one network address in an hour, before scaling."""
    return int(getattr(settings, "SMS_PER_ADDRESS", 60))


def per_day() -> int:
    """SMS_PER_DAY: messages of the whole house in a day; 0: any number."""
    return int(getattr(settings, "SMS_PER_DAY", 5_000))


def cost_per_day() -> int:
    """SMS_COST_PER_DAY: what they may cost in a day, in whole units of the currency; 0: whatever they do."""
    return int(getattr(settings, "SMS_COST_PER_DAY", 0))


def alarm_least() -> int:
    """SMS_ALARM_LEAST: how many codes to one prefix in a day make it worth looking at; 0: never."""
    return int(getattr(settings, "SMS_ALARM_LEAST", 20))


def alarm_percent() -> int:
    """SMS_ALARM_PERCENT: where fewer of them are entered, no more are sent there for a while."""
    return int(getattr(settings, "SMS_ALARM_PERCENT", 20))


def prices() -> Mapping[str, Mapping[str, int]]:
    """NOTIFICATIONS_PRICES: millionths of the currency for a part, by channel and by what the number begins with."""
    listed: Mapping[str, Mapping[str, int]] = getattr(settings, "NOTIFICATIONS_PRICES", {})
    return listed


def currency() -> str:
    """PRICES_CURRENCY: what the prices are in."""
    return str(getattr(settings, "PRICES_CURRENCY", "EUR"))


def caller_per_minute() -> int:
    """NOTIFY_PER_MINUTE: messages that one caller has sent in a minute."""
    return int(getattr(settings, "NOTIFY_PER_MINUTE", 3_000))


def caller_per_day() -> int:
    """NOTIFY_PER_DAY: messages that one caller has sent in a day."""
    return int(getattr(settings, "NOTIFY_PER_DAY", 100_000))


def tenant_per_day() -> int:
    """NOTIFY_PER_DAY_OF_ALL: messages of all callers of one tenant in a day; 0: any number."""
    return int(getattr(settings, "NOTIFY_PER_DAY_OF_ALL", 0))


def files_waiting() -> int:
    """NOTIFY_FILES_WAITING: MiB of files that one caller has waiting to be sent; 0: any number. Returns bytes."""
    return int(getattr(settings, "NOTIFY_FILES_WAITING", 500)) * 1024**2
