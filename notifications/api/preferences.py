"""What the caller chose: which messages reach her, on which channel, when, and whether gathered."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import fields
from kit.clock import utcnow
from kit.examples import answer, body
from kit.parsing import caller_of, parsed
from kit.permissions import SignedIn
from kit.requests import origin_of
from notifications import categories, preferences
from notifications.api.sending_shapes import Category
from notifications.channels import Channel
from notifications.models import Preference, QuietHours
from notifications.preferences import MOST_SENT, Chosen, Hours

CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
DIGESTS = [("at_once", "at once"), ("hourly", "hourly"), ("daily", "daily")]
MAX_ZONE = 64

_AT_ONCE = "at_once"  # what the empty word of the table is called here

_CHOICE = {"category": "newsletter", "channel": "email", "allowed": True, "digest": "daily"}
QUIET = {"begins": "22:00", "ends": "07:00", "time_zone": "Europe/Berlin"}
WANTED = {"choices": [_CHOICE, {"category": "tips", "channel": "sms", "allowed": False}], "quiet_hours": QUIET}
_ANSWER = {
    "choices": [
        {**_CHOICE, "title": "Newsletter", "must_arrive": False},
        {
            "category": "security",
            "channel": "email",
            "allowed": True,
            "digest": "at_once",
            "title": "Security of your account",
            "must_arrive": True,
        },
    ],
    "quiet_hours": QUIET,
}
EXAMPLES = [answer(_ANSWER)]
CHANGES = [
    body(WANTED),
    answer(_ANSWER),
]


@extend_schema_field({"type": "string", "pattern": f"^{CLOCK}$"})
class ClockTime(serializers.Field[int, str, str, int]):
    """A time of the day, as `22:00`. The value is the minute of the day."""

    default_error_messages = {"invalid": "Use a time of the day such as 22:00."}

    def to_internal_value(self, data: Any) -> int:
        """Return the minute. Anything but a JSON string of this form is refused."""
        if not isinstance(data, str) or not re.match(CLOCK + r"\Z", data, re.ASCII):
            self.fail("invalid")
        hours, minutes = data.split(":")
        return int(hours) * 60 + int(minutes)

    def to_representation(self, value: int) -> str:
        """Return the minute as the clock shows it."""
        return f"{value // 60:02}:{value % 60:02}"


class Zone(fields.Text):
    """A time zone by its name."""

    format = "iana-time-zone"


class Quiet(serializers.Serializer[QuietHours]):
    """When nothing may come that can wait, by the clock on her wall. The end may lie past midnight."""

    begins = ClockTime(help_text="From this time on.")
    ends = ClockTime(help_text="Up to this time: what waited comes then.")
    time_zone = Zone(max_length=MAX_ZONE, help_text="A name of the IANA database, such as `Europe/Berlin`.")


class Choice(serializers.Serializer[preferences.Choice]):
    """What reaches her of a category on a channel."""

    category = Category(max_length=categories.MAX_NAME, help_text="`other` is what has no category.")
    channel = serializers.ChoiceField(choices=Channel.choices)
    allowed = fields.Flag(default=True, help_text="Whether it may come at all.")
    digest = serializers.ChoiceField(
        choices=DIGESTS, default=_AT_ONCE, help_text="`hourly` and `daily` gather mails into one; for `email` alone."
    )


class ShownChoice(Choice):
    """What reaches her of a category on a channel, as it stands."""

    title = serializers.CharField(help_text="The category in words.")
    must_arrive = serializers.BooleanField(help_text="It cannot be switched off or gathered.")


class Preferences(serializers.Serializer[Any]):
    """Everything that the caller has chosen."""

    choices = ShownChoice(many=True)
    quiet_hours = Quiet(allow_null=True)


class Wanted(serializers.Serializer[Any]):
    """Everything that the caller chooses, in the place of what she chose before."""

    choices = fields.Items(child=Choice(), max_length=MOST_SENT)
    quiet_hours = Quiet(allow_null=True, help_text="null: none.")


class PreferencesView(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="preferences", responses=Preferences, examples=EXAMPLES)
    def get(self, request: Request) -> Response:
        """Return the caller's choice for each category and channel, and her quiet hours.

        Where she has chosen nothing, the category's default is shown. What she has unsubscribed from by the link of a
        mail is off. It may be sent back as it is.
        """
        return Response(_shown(preferences.of(caller_of(request).pk)))

    @extend_schema(operation_id="preferences_choose", request=Wanted, responses=Preferences, examples=CHANGES)
    def put(self, request: Request) -> Response:
        """Choose anew: for what is not named the defaults hold again.

        What must arrive (`security`, `codes`, `account`) cannot be switched off or gathered: a `validation_error` names
        the choice. What waits to be sent and is no longer wanted ends `suppressed`.
        """
        given = parsed(Wanted, request)
        chosen = preferences.choose(
            person=caller_of(request).pk,
            choices=[_choice(**choice) for choice in given["choices"]],
            hours=Hours(**given["quiet_hours"]) if given["quiet_hours"] else None,
            now=utcnow(),
            origin=origin_of(request),
        )
        return Response(_shown(chosen))


def _choice(*, digest: str, **values: Any) -> preferences.Choice:
    return preferences.Choice(digest=Preference.Digest.AT_ONCE if digest == _AT_ONCE else digest, **values)


def _shown(chosen: Chosen) -> dict[str, Any]:
    declared = {choice.category: categories.find(choice.category) for choice in chosen.choices}
    choices = [
        {
            "category": choice.category,
            "title": declared[choice.category].title,
            "channel": choice.channel,
            "allowed": choice.allowed,
            "digest": choice.digest or _AT_ONCE,
            "must_arrive": declared[choice.category].must_arrive,
        }
        for choice in chosen.choices
    ]
    quiet = chosen.quiet_hours
    return {"choices": choices, "quiet_hours": None if quiet is None else Quiet(quiet).data}
