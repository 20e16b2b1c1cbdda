"""System checks of what people choose among: a category that is none stops the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from kit import canonical
from kit.errors import Invalid
from notifications import categories, conf, preferences
from notifications.channels import Channel


@register
def check_categories(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E040: NOTIFICATIONS_CATEGORIES names what is no category, or too many to choose among."""
    try:
        declared = len(categories.declared())
    except (AttributeError, TypeError, ValueError) as error:
        return [Error(f"NOTIFICATIONS_CATEGORIES: {error}", id="notifications.E040")]
    most = preferences.MOST_SENT // len(Channel) - preferences.MOST_CHOICES - 1
    if declared > most:
        return [Error(f"NOTIFICATIONS_CATEGORIES: at most {most} with those of the house.", id="notifications.E040")]
    return []


@register
def check_unsubscribe_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E041: NOTIFICATIONS_UNSUBSCRIBE_MAILTO is no address."""
    try:
        if conf.unsubscribe_address():
            canonical.address(conf.unsubscribe_address())
    except Invalid:
        return [Error("NOTIFICATIONS_UNSUBSCRIBE_MAILTO is no address.", id="notifications.E041")]
    return []
