"""What went out, by day, channel and provider, and what it cost."""

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.parsing import asked
from kit.permissions import requires
from notifications import costs, guard_conf, usage
from notifications.channels import Channel
from notifications.models import Usage

FIRST_YEAR, LAST_YEAR = 1970, 9998


@extend_schema_field(
    {"type": "string", "format": "date", "pattern": "^(19[7-9]|[2-8][0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}$"}
)
class Day(serializers.DateField):
    """A day in UTC, as `2026-11-22`."""

    def to_internal_value(self, value: Any) -> dt.date:
        """Return the day. One in any other form, or of a year that is no year of ours, is refused."""
        day = super().to_internal_value(value)
        if day.isoformat() != value or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("invalid", format="YYYY-MM-DD")
        return day


class UsageQuestion(serializers.Serializer[Any]):
    """Which days."""

    since = Day(required=False, help_text="The first day; thirty days before the last one unless told.")
    until = Day(required=False, help_text="The last day; today in UTC unless told.")


class UsageRow(serializers.Serializer[Usage]):
    """One day of one channel by one provider."""

    day = serializers.DateField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    provider = serializers.CharField(help_text="The provider's name in this installation.")
    sent = serializers.IntegerField(help_text="Messages that it took.")
    failed = serializers.IntegerField(help_text="Messages that failed for good, with it as the last.")
    segments = serializers.IntegerField(help_text="Parts of the short messages among them.")
    cost = serializers.SerializerMethodField(help_text="By the price list, in `currency`.")

    @extend_schema_field({"type": "string", "pattern": r"^[0-9]+\.[0-9]{6}$"})
    def get_cost(self, row: Usage) -> str:
        """Return the cost with all its digits: as text, since no reader of JSON may round it."""
        return f"{row.cost // costs.MILLION}.{row.cost % costs.MILLION:06d}"


class UsageAnswer(serializers.Serializer[Any]):
    """The figures, the newest day first."""

    currency = serializers.CharField(help_text="What `cost` is in.")
    results = UsageRow(many=True)


EXAMPLES = [
    OpenApiExample(
        "a day",
        {
            "currency": "EUR",
            "results": [
                {
                    "day": "2026-11-21",
                    "channel": "sms",
                    "provider": "twilio",
                    "sent": 120,
                    "failed": 2,
                    "segments": 131,
                    "cost": "9.825000",
                }
            ],
        },
        response_only=True,
    )
]


class UsageView(APIView):
    permission_classes = (requires("notifications.view_usage"),)

    @extend_schema(
        operation_id="notify_usage", parameters=[UsageQuestion], responses={200: UsageAnswer}, examples=EXAMPLES
    )
    def get(self, request: Request) -> Response:
        """Tell what went out by day, channel and provider, what failed there for good, and what it cost.

        A message counts on the day on which it was settled, in UTC. At most 366 days at once.
        """
        given = asked(UsageQuestion, request)
        rows = usage.find(since=given.get("since"), until=given.get("until"), now=utcnow())
        return Response(UsageAnswer({"currency": guard_conf.currency(), "results": rows}).data)
