"""The shapes of people as staff see them."""

from typing import Any

from rest_framework import serializers

from accounts import people_search
from accounts.api.serializers.fields import Locale, TimeZone
from accounts.api.serializers.reauthentication import MAX_CODE
from accounts.hashing import MAX_LENGTH
from accounts.impersonation import MAX_MINUTES
from accounts.impersonation import MAX_REASON as MAX_REASON_TO_ACT
from accounts.models import User
from accounts.models.people import MAX_NAME
from accounts.stewardship import MAX_REASON
from kit.fields import Choice, Moment, Secret, Text, Whole

ORDERINGS = [sign + name for name in people_search.ORDERS for sign in ("", "-")]
STATES = people_search.State.choices
ZONE_HELP = "A zone of the IANA database, such as Europe/Vienna."
_YES_OR_NO = {"true": True, "false": False}


class Person(serializers.ModelSerializer[User]):
    """A person as staff see her."""

    state = serializers.ChoiceField(choices=STATES, source="pk", read_only=True)

    class Meta:
        model = User
        fields = (
            *("id", "email", "username", "first_name", "last_name", "phone", "locale", "time_zone"),
            *("is_active", "is_staff", "state", "erase_at", "created_at"),
        )
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        """Return the person with her state, which no column holds."""
        return {**super().to_representation(instance), "state": people_search.state_of(instance).value}


class PersonPage(serializers.Serializer[Any]):
    """A page of people."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Person(many=True)


class PersonChange(serializers.Serializer[Any]):
    """What staff may change of a person. Addresses, user names, numbers and passwords are her own."""

    first_name = Text(max_length=MAX_NAME, allow_blank=True)
    last_name = Text(max_length=MAX_NAME, allow_blank=True)
    locale = Locale(required=True)
    time_zone = TimeZone(max_length=64, allow_blank=True, help_text=ZONE_HELP)


class FactorReset(serializers.Serializer[Any]):
    """Why the second factors of a person are taken away."""

    reason = Text(
        required=False, default="", allow_blank=True, max_length=MAX_REASON, help_text="The person is told it as well."
    )


class Impersonation(serializers.Serializer[Any]):
    """Why, and for how long, somebody would see what a person sees; with a proof of who asks."""

    reason = Text(max_length=MAX_REASON_TO_ACT, help_text="One line, for the log; the person is not told it.")
    minutes = Whole(
        required=False, min_value=1, max_value=MAX_MINUTES, help_text="30 unless the service is told otherwise."
    )
    password = Secret(max_length=MAX_LENGTH, required=False, help_text="The caller's own.")
    code = Secret(max_length=MAX_CODE, required=False, help_text="Of a second factor of the caller's own.")


class ActingToken(serializers.Serializer[Any]):
    """What lets the caller see what a person sees. There is no refresh token: it ends with its session."""

    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`. Its claim `act` names the caller.")
    token_type = serializers.CharField(help_text="Always `Bearer`.")
    expires_in = serializers.IntegerField(help_text="Seconds until it ends.")
    session_id = serializers.UUIDField()


class PeopleQuestion(serializers.Serializer[Any]):
    """Whom to find."""

    search = Text(
        required=False,
        allow_blank=True,
        max_length=254,
        help_text="The beginning of an address, a user name, a first or a last name; or a first name and the beginning "
        "of a last one. At most a thousand of each are looked at: write more of the name where there are too many.",
    )
    is_active = Choice(choices=list(_YES_OR_NO), required=False)
    is_staff = Choice(choices=list(_YES_OR_NO), required=False)
    state = Choice(choices=STATES, required=False)
    created_after = Moment(required=False, help_text="From this moment on.")
    created_before = Moment(required=False, help_text="Before this moment.")
    ordering = Choice(choices=ORDERINGS, required=False, default="-created_at")

    def question(self) -> people_search.Question:
        """Return the question that was asked, in the words of the domain."""
        given = {name: value for name, value in self.validated_data.items() if name != "ordering"}
        for name in ("is_active", "is_staff"):
            if name in given:
                given[name] = _YES_OR_NO[given[name]]
        if "state" in given:
            given["state"] = people_search.State(given["state"])
        return people_search.Question(**given)
