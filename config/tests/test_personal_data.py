"""What is kept of people is shown to them and erased: every model that may hold some is named by who does that.

A model may hold some when it points to a person, when a column is an id of one, or when a column's name or kind says
that somebody's words, address or agent may be in it.
"""

import re
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from accounts.models import Session
from kit.seams import load

PEOPLE = re.compile(
    r"(?:^|_)(?:user|person|owner|actor|caller|target|subject|by|author|sender|recipient|invited)(?:_|$)"
)
WORDS = re.compile(
    r"(?:^|_)(?:address|email|phone|agent|name|names|username|ip|host|key|place|to|reply|remaining|text|html|body|repr"
    r"|message|data|details|detail|metadata|evidence|reason|get|post|path|info|locale|zone)(?:_|$)"
)
# What a name or a kind would make one think of, with the reason why nothing of a person stays there.
NOT_PERSONAL = {
    "auth.Group": "no groups are used; roles take their place",
    "auth.Permission": "the names of permissions",
    "audit.Flood": "refusals being counted, for two minutes",
    "house.Heartbeat": "the names of parts of the service",
    "limits.Counter": "digests and network addresses being counted, for a day",
    "limits.Guess": "keyed digests, which nobody can turn back, for a day",
    "notifications.Template": "what messages of the house say, for everybody",
    "roles.Group": "the names of groups",
    "roles.Permission": "the names of permissions, and the id of who declared each, without a name",
    "roles.Role": "the names of roles",
}
NOT_ERASED = NOT_PERSONAL | {
    "audit.Entry": "ids and small facts without a name, which the proof of the log holds on to",
    "axes.AccessFailureLog": "never written",
    "axes.AccessLog": "never written",
}
NOT_SHOWN = NOT_PERSONAL | {
    "accounts.RefreshToken": "the session that it is of is shown",
    "axes.AccessFailureLog": "never written",
    "axes.AccessLog": "never written",
    "notifications.Attempt": "the message that it is of is shown",
    "notifications.IdempotencyKey": "a caller's own word for a message that is shown, for a day",
    "notifications.Brand": "what the house looks like, and the id of who said so",
    "notifications.ProviderAccount": "ways out of the house, and the id of who set them up",
    "notifications.ProviderState": "how ways out of the house fare, and the id of who switched one off",
    "notifications.Receipt": "the message that it is of is shown",
    "notifications.TemplateVersion": "what messages of the house say, and the ids of who worded it",
    "roles.PersonStamp": "a random value that dates grants which are shown",
    "sessions.Session": "the cookie of a session that is shown",
}


def holds_personal_data(model: type[models.Model]) -> bool:
    """Tell whether a model may hold something of a person, by its columns; of a proxy its own model tells."""
    return not model._meta.proxy and any(_may_be_personal(field) for field in model._meta.concrete_fields)


def _may_be_personal(field: Any) -> bool:
    if field.is_relation and field.related_model in {get_user_model(), Session}:
        return True
    if isinstance(field, models.UUIDField) and not field.primary_key:
        return bool(PEOPLE.search(field.name))
    holds_words = isinstance(
        field, models.CharField | models.TextField | models.JSONField | models.GenericIPAddressField
    )
    return holds_words and bool(WORDS.search(field.name) or PEOPLE.search(field.name))


PERSONAL = sorted(model._meta.label for model in apps.get_models() if holds_personal_data(model))


def models_of(paths: Any) -> set[str]:
    """Return the labels of the models that exporters or erasers name."""
    return {label for path in paths for label in load(path).models}


@pytest.mark.parametrize("label", PERSONAL)
def test_every_model_with_personal_data_is_erased_and_shown(label: str) -> None:
    assert label in models_of(settings.ACCOUNTS_ERASERS) | set(NOT_ERASED), "no eraser names it"
    assert label in models_of(settings.ACCOUNTS_EXPORTERS) | set(NOT_SHOWN), "no exporter names it"


def test_what_is_named_exists_and_no_reason_is_left_over() -> None:
    labels = {model._meta.label for model in apps.get_models()}
    erased, shown = models_of(settings.ACCOUNTS_ERASERS), models_of(settings.ACCOUNTS_EXPORTERS)
    assert (erased | shown) - labels == set()
    assert (set(NOT_ERASED) | set(NOT_SHOWN)) - set(PERSONAL) == set()
    assert (erased & set(NOT_ERASED), shown & set(NOT_SHOWN)) == (set(), set())


def test_the_rule_tells_what_is_about_somebody_from_what_is_not() -> None:
    known = {"accounts.Handle": True, "audit.Personal": True, "notifications.IdempotencyKey": True}
    known |= {"roles.Inheritance": False, "vault.SigningKey": False, "audit.Checkpoint": False}
    assert {label: holds_personal_data(apps.get_model(label)) for label in known} == known
