"""The shapes of what happened to a person's account, and of what is kept of her."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.reauthentication import MAX_CODE
from accounts.hashing import MAX_LENGTH
from audit.vocabulary import Outcome
from kit.fields import Moment, Secret

BY = ("you", "staff", "stranger", "command", "system")


class Happening(serializers.Serializer[Any]):
    """One thing that happened to the caller's account."""

    id = serializers.UUIDField()
    at = Moment()
    action = serializers.CharField(help_text="The machine word of what happened.")
    meaning = serializers.CharField(help_text="The same in a sentence.")
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    by = serializers.ChoiceField(choices=BY, help_text="Who did it.")
    ip_address = serializers.CharField(help_text="From where; empty when staff did it.")
    user_agent = serializers.CharField()


class Activity(serializers.Serializer[Any]):
    """A page of what happened, the latest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Happening(many=True)


class Export(serializers.Serializer[Any]):
    """Everything that is kept of the caller: a member for each part of the service."""

    exported_at = Moment()
    user = serializers.UUIDField()
    left_out = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many older rows are not in it, by part and kind; empty where nothing is missing.",
    )
    account = serializers.DictField(help_text="The account, its names, sessions, devices and what was mailed.")
    permissions = serializers.DictField(help_text="Roles that were given.")
    messages = serializers.DictField(help_text="Messages to any of her addresses, and those she had sent.")
    history = serializers.DictField(help_text="What she did and what was done to her.")
    admin = serializers.DictField(help_text="What she changed in the admin.")


class Deletion(serializers.Serializer[Any]):
    """Proof that it is her: the password or a factor's code; neither where she signed in a moment ago."""

    password = Secret(max_length=MAX_LENGTH, required=False)
    code = Secret(max_length=MAX_CODE, required=False)
