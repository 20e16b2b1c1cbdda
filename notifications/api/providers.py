"""By whom messages get out, and how the providers fare."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import fields
from kit.clock import utcnow
from kit.permissions import requires
from notifications import overview, permissions
from notifications.channels import Channel
from notifications.models import ProviderState
from notifications.overview import Standing

BREAKERS = ProviderState.Breaker.choices


class ProviderAnswer(serializers.Serializer[Standing]):
    """How one provider fares."""

    name = serializers.CharField(help_text="Its name in this installation.")
    usable = serializers.BooleanField(help_text="Whether messages are given to it now.")
    health = serializers.CharField(help_text="`ok`, or one word for what is wrong with its settings.")
    breaker = serializers.ChoiceField(
        choices=BREAKERS,
        source="state.breaker",
        help_text="`closed`: it works. `open`: it failed too often, and rests. `half_open`: a few messages try it.",
    )
    switched_off = serializers.BooleanField(source="state.switched_off", help_text="Whether staff took it out of use.")
    paused_until = fields.Moment(
        source="state.paused_until", allow_null=True, help_text="Until when it asked for a rest; null: it did not."
    )
    open_until = fields.Moment(
        source="state.open_until", allow_null=True, help_text="When it is tried again; null where it is not resting."
    )
    latency = serializers.FloatField(source="state.latency", help_text="Seconds that a call takes on average.")
    last_error = serializers.CharField(source="state.last_error", help_text="In one word; empty: none yet.")
    last_error_at = fields.Moment(source="state.last_error_at", allow_null=True)
    last_success_at = fields.Moment(source="state.last_success_at", allow_null=True)


class ChannelAnswer(serializers.Serializer[Any]):
    """The providers of one channel."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    active = serializers.CharField(
        allow_null=True, help_text="Who gets the next message; null: nobody can, and messages wait."
    )
    providers = ProviderAnswer(many=True, help_text="The preferred one first; empty: the channel is not used.")


class ProvidersAnswer(serializers.Serializer[Any]):
    """Every channel."""

    channels = ChannelAnswer(many=True)


_EXAMPLE = OpenApiExample(
    "mail",
    {
        "channels": [
            {
                "channel": "email",
                "active": "smtp",
                "providers": [
                    {
                        "name": "novu",
                        "usable": False,
                        "health": "ok",
                        "breaker": "open",
                        "switched_off": False,
                        "paused_until": None,
                        "open_until": "2026-11-22T10:01:00Z",
                        "latency": 4.2,
                        "last_error": "timed_out",
                        "last_error_at": "2026-11-22T10:00:30Z",
                        "last_success_at": "2026-11-22T09:59:58Z",
                    },
                    {
                        "name": "smtp",
                        "usable": True,
                        "health": "ok",
                        "breaker": "closed",
                        "switched_off": False,
                        "paused_until": None,
                        "open_until": None,
                        "latency": 0.08,
                        "last_error": "",
                        "last_error_at": None,
                        "last_success_at": "2026-11-22T10:00:31Z",
                    },
                ],
            }
        ]
    },
    response_only=True,
)


class ProviderView(APIView):
    """The providers of all channels."""

    permission_classes = (requires(permissions.VIEW_PROVIDER),)

    @extend_schema(operation_id="provider", responses=ProvidersAnswer, examples=[_EXAMPLE])
    def get(self, request: Request) -> Response:
        """Tell by whom each channel's messages get out now, and how its providers fare.

        A message goes to the first that is usable; the next takes over when it fails. With none usable it waits.
        """
        return Response(ProvidersAnswer({"channels": overview.of_channels(utcnow())}).data)
