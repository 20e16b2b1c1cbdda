"""Where push reaches the caller: her browsers and phones."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import fields
from kit.clock import utcnow
from kit.errors import NotFound
from kit.openapi import published
from kit.parsing import NOTHING, caller_of, parsed
from kit.permissions import SignedIn
from kit.requests import origin_of
from notifications import push_targets
from notifications.models import PushTarget
from notifications.providers import web_push

DRIVERS = PushTarget.Driver.choices
MAX_TOKEN = 4096


class BrowserKeys(serializers.Serializer[Any]):
    """The keys of a subscription, as `PushSubscription.toJSON()` names them."""

    p256dh = fields.Base64Url(max_bytes=web_push.POINT, help_text="The browser's public key.")
    auth = fields.Base64Url(max_bytes=web_push.AUTH, help_text="The secret that goes with it.")


class NewPushTarget(serializers.Serializer[Any]):
    """A browser's subscription (`endpoint` and `keys`), or a phone's registration with Firebase (`token`)."""

    schema_rules = {"oneOf": [{"required": ["endpoint", "keys"]}, {"required": ["token"]}]}

    endpoint = fields.Text(
        required=False, max_length=web_push.MAX_ENDPOINT, help_text="Where the browser's push service takes messages."
    )
    keys = BrowserKeys(required=False)
    token = fields.Text(required=False, max_length=MAX_TOKEN, help_text="The phone's registration token.")
    label = fields.Text(  # type: ignore[assignment]
        required=False, allow_blank=True, default="", max_length=100, help_text="What its owner calls it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a subscription, and two targets at once."""
        browser = "endpoint" in attrs or "keys" in attrs
        if browser == ("token" in attrs):
            raise serializers.ValidationError({"token": ["Give `endpoint` and `keys`, or `token`."]}, code="not_both")
        for name in ("endpoint", "keys") if browser else ():
            if name not in attrs:
                raise serializers.ValidationError({name: ["This is needed."]}, code="required")
        return attrs


class PushTargetAnswer(serializers.Serializer[PushTarget]):
    """One browser or phone. Where it leads is not shown: whoever has that may write there."""

    id = serializers.UUIDField()
    driver = serializers.ChoiceField(choices=DRIVERS, help_text="`web`: a browser. `fcm`: a phone, by Firebase.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="As it was given; empty for none."
    )
    created_at = fields.Moment()
    last_used_at = fields.Moment(allow_null=True, help_text="When a message last went there; null: not yet.")


class PushTargetList(serializers.Serializer[Any]):
    """All of them, the newest first."""

    targets = PushTargetAnswer(many=True)


class PushKey(serializers.Serializer[Any]):
    """The key that a browser subscribes with."""

    key = serializers.CharField(help_text="`applicationServerKey` of `PushManager.subscribe`, in base64url.")


_TARGET = {
    "id": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e4f",
    "driver": "web",
    "label": "Firefox at work",
    "created_at": "2026-11-22T10:00:00Z",
    "last_used_at": None,
}
_KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
_BROWSER = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/x",
    "keys": _KEYS,
    "label": "Firefox at work",
}
EXAMPLES = [
    OpenApiExample("a browser", _BROWSER, request_only=True),
    OpenApiExample("a phone", {"token": "phone:1", "label": "My phone"}, request_only=True),
    OpenApiExample("kept", _TARGET, response_only=True, status_codes=["200", "201"]),
]
LISTED = [OpenApiExample("one browser", {"targets": [_TARGET]}, response_only=True)]
KEY = [OpenApiExample("the key", {"key": _KEYS["p256dh"]}, response_only=True)]


class PushTargets(APIView):
    """The caller's browsers and phones."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="push_targets", responses=PushTargetList, examples=LISTED)
    def get(self, request: Request) -> Response:
        """List where push reaches the caller."""
        return Response(PushTargetList({"targets": push_targets.list_of(caller_of(request).pk)}).data)

    @extend_schema(
        operation_id="push_targets_add",
        request=NewPushTarget,
        responses={201: PushTargetAnswer, 200: PushTargetAnswer},
        examples=EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """Have push reach a browser or phone of the caller's: at most 20, the oldest makes room.

        Once more the same answers 200. One that was another person's is the caller's from now on: a browser that two
        people use is told what is for the one who signed in last.
        """
        given = parsed(NewPushTarget, request)
        common: dict[str, Any] = {
            "person": caller_of(request).pk,
            "label": given["label"],
            "now": utcnow(),
            "origin": origin_of(request),
        }
        if "token" in given:
            made = push_targets.register_phone(token=given["token"], **common)
        else:
            made = push_targets.register_browser(endpoint=given["endpoint"], **given["keys"], **common)
        code = status.HTTP_201_CREATED if made.created else status.HTTP_200_OK
        return Response(PushTargetAnswer(made.target).data, status=code)


class PushTargetView(APIView):
    """One of the caller's browsers and phones."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="push_targets_remove", responses={204: NOTHING})
    def delete(self, request: Request, target_id: UUID) -> Response:
        """Have push reach the caller there no more."""
        push_targets.remove(person=caller_of(request).pk, target_id=target_id, now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PushKeyView(APIView):
    """The key that browsers subscribe with."""

    permission_classes = (SignedIn,)

    @published("not_found")
    @extend_schema(operation_id="push_targets_key", responses=PushKey, examples=KEY)
    def get(self, request: Request) -> Response:
        """Return the key for `PushManager.subscribe`; `not_found` where this installation sends nothing to browsers."""
        key = web_push.public_key()
        if not key:
            raise NotFound("This installation sends nothing to browsers.")
        return Response({"key": key})
