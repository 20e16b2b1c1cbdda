"""What the notification calls take and answer. Types are checked here, rules in the domain."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit import fields
from kit.field_schemas import INTEGERS, NOT_BLANK, WITHOUT_NUL
from notifications.emails import (
    MAX_BODY,
    MAX_METADATA,
    MAX_METADATA_KEY,
    MAX_METADATA_VALUE,
    MAX_RECIPIENTS,
    MAX_SUBJECT,
    EmailRequest,
)
from notifications.models import Attempt, Message

STATUSES = Message.Status.choices
NOT_YET = ("attachments", "template", "context")

_ADDRESS = {"type": "string", "format": "email", "maxLength": 254}


@extend_schema_field(
    {
        "oneOf": [
            _ADDRESS,
            {"type": "array", "items": _ADDRESS, "minItems": 1, "maxItems": MAX_RECIPIENTS, "uniqueItems": True},
        ]
    }
)
class Recipients(serializers.Field[Any, Any, Any, Any]):
    """One address, or a list of them."""

    default_error_messages = {"invalid": "Give an address or a list of addresses."}

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the addresses as they were given."""
        addresses = data if isinstance(data, list) else [data]
        if not all(isinstance(address, str) for address in addresses):
            self.fail("invalid")
        return tuple(addresses)

    def to_representation(self, value: Any) -> Any:
        """Return one address as text, several as a list."""
        return value[0] if len(value) == 1 else list(value)


@extend_schema_field({"type": "string", "maxLength": MAX_BODY, "pattern": WITHOUT_NUL})
class Body(serializers.CharField):
    """A long text, exactly as it was sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, "max_length": MAX_BODY, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Anything but a JSON string is refused."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Subject(fields.Text):
    """One line of printable text."""

    refused = r"\u2028\u2029"


@extend_schema_field({"type": "string", "maxLength": 64, "pattern": "^[a-z0-9][a-z0-9_.-]*$"})
class Category(fields.Text):
    """A word by which a caller groups messages."""


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_METADATA,
        "propertyNames": {"minLength": 1, "maxLength": MAX_METADATA_KEY, "pattern": WITHOUT_NUL},
        "additionalProperties": {
            "type": ["string", "number", "boolean", "null"],
            "maxLength": MAX_METADATA_VALUE,
            "pattern": WITHOUT_NUL,
            **INTEGERS,
        },
    }
)
class Metadata(serializers.DictField):
    """What a caller wants to find again with the message."""


class Email(serializers.Serializer[EmailRequest]):
    """An e-mail to be sent, with `text` or `html` or both. Whom it is from is the house's business."""

    schema_rules = {
        "anyOf": [
            {"required": ["text"], "properties": {"text": {"type": "string", "pattern": NOT_BLANK}}},
            {"required": ["html"], "properties": {"html": {"type": "string", "pattern": NOT_BLANK}}},
        ]
    }

    to = Recipients(help_text=f"One address, or up to {MAX_RECIPIENTS}; all of them are named in the mail.")
    subject = Subject(max_length=MAX_SUBJECT, help_text=f"One line, at most {MAX_SUBJECT} bytes of UTF-8.")
    text = Body(required=False, help_text="The mail as plain text.")
    html = Body(required=False, help_text="The mail as HTML. Without `text`, readers of plain text see nothing.")
    reply_to = fields.EmailAddress(required=False, help_text="Where answers go.")
    category = Category(
        required=False,
        max_length=64,
        help_text="`bulk`, `marketing` and `newsletter` wait behind all other mail. Other words are your own.",
    )
    metadata = Metadata(required=False, help_text="Up to 20 entries of your own, given back with the message.")
    send_at = fields.Moment(
        required=False, help_text="Not before this moment, at most ten years ahead. Past by five minutes: refused."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what cannot be done yet rather than send a mail without it."""
        given: Any = self.initial_data
        unknown = {name: ["This cannot be sent yet."] for name in NOT_YET if given.get(name)}
        if unknown:
            raise serializers.ValidationError(unknown, code="unsupported")
        return attrs


class AcceptedMessage(serializers.Serializer[Any]):
    """A message, as it was accepted."""

    id = serializers.UUIDField(source="message.id")
    channel = serializers.ChoiceField(source="message.channel", choices=Message.Channel.choices)
    status = serializers.ChoiceField(choices=STATUSES)
    to = Recipients(source="message.to")
    created_at = fields.Moment(source="message.created_at")


class AttemptAnswer(serializers.Serializer[Attempt]):
    """One try to hand a message to a provider."""

    provider = serializers.CharField(help_text="The provider's name in this installation.")
    outcome = serializers.ChoiceField(
        choices=Attempt.Outcome.choices,
        help_text="`accepted`: the provider has it. `deferred`, `misconfigured`: it is tried again. `refused`: never "
        "again. `unknown`: cut short, and it may have gone out. `withdrawn`: there was nothing to send any more. "
        "`open`: under way.",
    )
    error = serializers.CharField(help_text="What went wrong, in one word; empty where nothing did.")
    detail = serializers.CharField(help_text="What the provider said, for people.")
    started_at = fields.Moment()
    finished_at = fields.Moment(allow_null=True, help_text="null while it is under way.")


class MessageAnswer(serializers.Serializer[Message]):
    """A message as it stands, with every attempt to send it."""

    id = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=Message.Channel.choices)
    status = serializers.ChoiceField(choices=STATUSES)
    to = Recipients()
    created_at = fields.Moment()
    sent_at = fields.Moment(allow_null=True, help_text="When a provider took it; null until then.")
    expires_at = fields.Moment(allow_null=True, help_text="When it is given up; null: never.")
    kind = serializers.CharField(help_text="What the service itself sent it for; empty for a caller's own.")
    category = serializers.CharField(help_text="As it was given; empty for none.")
    subject = serializers.CharField()
    metadata = serializers.DictField(help_text="As it was given.")
    failure = serializers.CharField(help_text="Why it is `failed`, in one word; empty otherwise.")
    attempts = AttemptAnswer(many=True)
