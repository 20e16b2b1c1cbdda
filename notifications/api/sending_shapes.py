"""What the calls that send take. Types are checked here, rules in `notifications.requests`."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit import fields
from kit.canonical import MAX_ADDRESS
from kit.field_schemas import INTEGERS, WITHOUT_NUL
from notifications import attachments
from notifications.accepting import MAX_BATCH
from notifications.channels import Channel
from notifications.requests.base import (
    MAX_BODY,
    MAX_METADATA,
    MAX_METADATA_KEY,
    MAX_METADATA_VALUE,
    MAX_SUBJECT,
    MAX_TEMPLATE_NAME,
)
from notifications.requests.emails import MAX_RECIPIENTS
from notifications.requests.moments import MAX_TTL
from notifications.requests.pushes import MAX_DATA, MAX_DATA_KEY, MAX_DATA_VALUE, MAX_TARGET, MAX_TITLE

LONGEST_FILE = -(-attachments.MAX_BYTES // 3) * 4  # characters of base64
LONGEST_TEXT = 4_096
LONGEST_PUSH = 4_000
VIA = (Channel.SMS, Channel.WHATSAPP)
KINDS = (Channel.EMAIL, Channel.SMS, Channel.PUSH)

_ADDRESS = {"type": "string", "format": "email", "maxLength": MAX_ADDRESS}


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

    default_error_messages = {
        "invalid": "Give an address or a list of addresses.",
        "invalid_email": f"An address has at most {MAX_ADDRESS} characters.",
        "recipient_count": f"Name 1 to {MAX_RECIPIENTS} recipients.",
    }

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the addresses as they were given. What is far too long goes no further."""
        addresses = data if isinstance(data, list) else [data]
        if not all(isinstance(address, str) for address in addresses):
            self.fail("invalid")
        if len(addresses) > MAX_RECIPIENTS:
            self.fail("recipient_count")
        if any(len(address) > MAX_ADDRESS for address in addresses):
            self.fail("invalid_email")
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


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_DATA,
        "propertyNames": {"minLength": 1, "maxLength": MAX_DATA_KEY, "pattern": WITHOUT_NUL},
        "additionalProperties": {"type": "string", "maxLength": MAX_DATA_VALUE, "pattern": WITHOUT_NUL},
    }
)
class Data(serializers.DictField):
    """What an application is given beside a push message."""


@extend_schema_field(
    {
        "type": "object",
        "propertyNames": {"pattern": WITHOUT_NUL},
        "additionalProperties": {"$ref": "#/components/schemas/Unknown"},
    }
)
class TemplateContext(serializers.DictField):
    """What a template is filled with."""


@extend_schema_field({"type": "string", "contentEncoding": "base64", "maxLength": LONGEST_FILE, "minLength": 1})
class Base64(serializers.Field[Any, Any, Any, Any]):
    """The bytes of a file."""

    default_error_messages = {"invalid": "Give the bytes as text in base64."}

    def to_internal_value(self, data: Any) -> bytes:
        """Return the bytes. Anything but base64 with its padding is refused."""
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > LONGEST_FILE:
            raise serializers.ValidationError("Send at most 10 MiB of files.", code="too_large")
        try:
            return attachments.decoded(data)
        except ValueError:
            self.fail("invalid")


class AttachmentFile(serializers.Serializer[Any]):
    """A file that goes along: its bytes, never a path or an address."""

    filename = fields.Text(
        max_length=attachments.MAX_NAME, help_text="A plain name whose ending is one of its type's; no path."
    )
    content_type = fields.Choice(choices=sorted(attachments.TYPES), help_text="Of the types that may be sent.")
    content = Base64(help_text="Its bytes in base64 (RFC 4648, section 4), at most 10 MiB of all files together.")

    def to_internal_value(self, data: Any) -> attachments.Upload:
        """Return the file."""
        return attachments.Upload(**super().to_internal_value(data))


class _Anything(serializers.Serializer[Any]):
    """What every message may be asked with."""

    template = fields.Text(
        required=False, max_length=MAX_TEMPLATE_NAME, help_text="A template's name, instead of words of your own."
    )
    context = TemplateContext(  # type: ignore[assignment]  # the metaclass takes it for a field, not for DRF's own
        required=False, help_text="What the template is filled with; each of its variables."
    )
    locale = fields.Text(
        required=False, max_length=35, help_text="The language of the template's words (BCP 47); otherwise any."
    )
    category = Category(
        required=False,
        max_length=64,
        help_text="`bulk`, `marketing` and `newsletter` wait behind all other mail. `security`, `codes` and `account` "
        "cannot be switched off and need `notifications.send_critical`. Other words are your own.",
    )
    metadata = Metadata(required=False, help_text="Up to 20 entries of your own, given back with the message.")
    send_at = fields.Moment(
        required=False, help_text="Not before this moment, at most ten years ahead. Past by five minutes: refused."
    )
    expires_at = fields.Moment(required=False, help_text="Not after this moment, at most 30 days beyond sending.")
    ttl = fields.Whole(
        required=False,
        min_value=1,
        max_value=int(MAX_TTL.total_seconds()),
        help_text="Seconds after its moment for which it is worth sending, instead of `expires_at`.",
    )


class Email(_Anything):
    """An e-mail: `text` or `html` or both with a `subject`, or a template. Whom it is from is the house's business."""

    to = Recipients(help_text=f"One address, or up to {MAX_RECIPIENTS}; all of them are named in the mail.")
    subject = Subject(
        required=False, max_length=MAX_SUBJECT, help_text=f"One line, at most {MAX_SUBJECT} bytes of UTF-8."
    )
    text = Body(required=False, help_text="The mail as plain text.")
    html = Body(required=False, help_text="The mail as HTML. Without `text`, readers of plain text see nothing.")
    reply_to = fields.EmailAddress(required=False, help_text="Where answers go.")
    attachments = fields.Items(
        child=AttachmentFile(),
        required=False,
        max_length=attachments.MAX_FILES,
        help_text="Up to 10 files, 10 MiB together.",
    )


class Sms(_Anything):
    """A short message: a `text`, or a template."""

    to = fields.Text(max_length=16, help_text="A number in international form (E.164), such as +4915112345678.")
    text = Body(required=False, max_length=LONGEST_TEXT, help_text="At most 1,600 characters by SMS.")
    via = fields.Choice(choices=list(VIA), required=False, help_text="`sms` unless given.")


class Push(_Anything):
    """A push message: `title` and `body`, or a template."""

    to = fields.Text(max_length=MAX_TARGET, help_text="A person's id: all her devices; or a target of the provider's.")
    title = Subject(required=False, max_length=MAX_TITLE, help_text="One line.")
    body = Body(required=False, max_length=LONGEST_PUSH, help_text="What it says.")
    data = Data(  # type: ignore[assignment]  # as above
        required=False, help_text="Up to 20 entries of text for the application."
    )


class PersonNotice(serializers.Serializer[Any]):
    """A template for a person, on every channel that it has and she allows."""

    user = fields.Id(help_text="The person.")
    template = fields.Text(max_length=MAX_TEMPLATE_NAME, help_text="The template's name.")
    context = TemplateContext(  # type: ignore[assignment]  # as above
        required=False, help_text="What it is filled with; each of its variables."
    )
    channels = fields.Items(
        child=fields.Choice(choices=Channel.choices),
        required=False,
        allow_empty=False,
        max_length=len(Channel),
        help_text="These channels alone; all of the template's unless given.",
    )
    category = Category(required=False, max_length=64, help_text="The template's own, unless given.")
    metadata = Metadata(required=False, help_text="Up to 20 entries of your own, given back with the messages.")
    send_at = fields.Moment(required=False, help_text="Not before this moment, at most ten years ahead.")
    expires_at = fields.Moment(required=False, help_text="Not after this moment.")
    ttl = fields.Whole(required=False, min_value=1, max_value=int(MAX_TTL.total_seconds()), help_text="In seconds.")


@extend_schema_field({"type": "object", "required": ["channel"], "properties": {"channel": {"enum": list(KINDS)}}})
class BatchItem(serializers.Field[Any, Any, Any, Any]):
    """One of many messages, read by its channel's own shape."""

    default_error_messages = {"invalid": "Give an object."}

    def to_internal_value(self, data: Any) -> Any:
        """Return an object as it came: each is judged by itself, in its place."""
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


class Batch(serializers.Serializer[Any]):
    """Up to a thousand messages."""

    messages = fields.Items(
        child=BatchItem(),
        min_length=1,
        max_length=MAX_BATCH,
        help_text="Each as the call of its `channel` (`email`, `sms`, `push`) takes it, with that word beside it.",
    )


class Question(serializers.Serializer[Any]):
    """How a call that sends is to be taken."""

    dry_run = fields.Choice(
        choices=["true", "false"], default="false", help_text="Say what would become of it; nothing is written or sent."
    )
