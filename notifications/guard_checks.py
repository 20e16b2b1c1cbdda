"""System checks of the guard: a short message that nobody would get is told of at the start."""

from collections.abc import Sequence
from typing import Any

import phonenumbers
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from notifications import conf, costs, guard_conf


@register
def check_countries(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E020: no such country. E021: production carries short messages, and no country may get them."""
    del app_configs, kwargs
    countries = guard_conf.countries()
    unknown = sorted(countries - phonenumbers.SUPPORTED_REGIONS - {guard_conf.ANYWHERE})
    errors: list[CheckMessage] = [
        Error(f"SMS_COUNTRIES names {name}, which is no country.", hint="Use codes as DE.", id="notifications.E020")
        for name in unknown
    ]
    carried = [channel.value for channel in sorted(costs.SHORT) if conf.providers_of(channel)]
    if getattr(settings, "PRODUCTION", False) and carried and not countries:
        hint = "Name the countries whose numbers you write to, as DE,AT,CH; * stands for every country."
        told = f"SMS_COUNTRIES is empty, and {', '.join(carried)} would reach nobody."
        errors.append(Error(told, hint=hint, id="notifications.E021"))
    return errors
