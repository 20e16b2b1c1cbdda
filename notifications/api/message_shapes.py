"""What the notification calls answer: messages, the attempts to send them, and what would become of them."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit import fields
from notifications.channels import Channel
from notifications.models import Attempt, Message, Receipt
from notifications.requests.emails import MAX_RECIPIENTS

STATUSES = Message.Status.choices
_NAME = {"type": "string", "maxLength": 254}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@extend_schema_field(
    {"oneOf": [_NAME, {"type": "array", "items": _NAME, "maxItems": MAX_RECIPIENTS}]},
)
class Reached(serializers.Field[Any, Any, Any, Any]):
    """Whom a message goes to: an address, a number, a chat, a person's id; several as a list, none once forgotten.

    Unless whoever asks may see people, this is the id of a person who is written to by it, and empty for what others
    have sent to an address.
    """

    def to_representation(self, value: Message) -> Any:
        """Return one as text, several as a list."""
        to = value.to
        if value.to and is_veiled(value, self.context):
            to = [str(value.person)] if value.person else []
        return to[0] if len(to) == 1 else list(to)


def is_veiled(message: Message, context: Mapping[str, Any]) -> bool:
    """Tell whether where a message goes is not for whoever asks: it is not hers, or to a person by her id."""
    given_by_herself = message.person is None and message.caller == context.get("viewer")
    return not (given_by_herself or context.get("sees_people"))


class AcceptedMessage(serializers.Serializer[Any]):
    """A message, as it was accepted."""

    id = serializers.UUIDField(source="message.id")
    channel = serializers.ChoiceField(source="message.channel", choices=Message.Channel.choices)
    status = serializers.ChoiceField(choices=STATUSES)
    to = Reached(source="message")
    created_at = fields.Moment(source="message.created_at")


class LeftOut(serializers.Serializer[Any]):
    """A channel of a notice on which nothing is sent."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    reason = serializers.ChoiceField(
        choices=["no_wording", "no_address", "not_carried"],
        help_text="The template has no words for it, she has no address on it, or nothing carries it here.",
    )


class NoticeAnswer(serializers.Serializer[Any]):
    """What a template for a person became: a message on each channel."""

    messages = AcceptedMessage(many=True)
    left_out = LeftOut(many=True)


@extend_schema_field(
    {"type": "array", "items": {"oneOf": [{"$ref": "#/components/schemas/AcceptedMessage"}, _PROBLEM]}}
)
class Results(serializers.ListField):
    """Messages and problems, in the order of what was asked."""


class BatchAnswer(serializers.Serializer[Any]):
    """What many messages came to."""

    results = Results(help_text="For each message, in order: the message as it was accepted, or the problem with it.")


class NoteAnswer(serializers.Serializer[Any]):
    """What one of the rules found out."""

    gate = serializers.CharField(help_text="Which: `suppressions`, `preferences`, `costs`, `quiet_hours` and so on.")
    word = serializers.CharField()
    detail = serializers.CharField(help_text="A sentence for people; may be empty.")


class ExplanationAnswer(serializers.Serializer[Any]):
    """What would become of a message. Nothing was written."""

    channel = serializers.ChoiceField(source="message.channel", choices=Channel.choices)
    status = serializers.ChoiceField(
        source="message.status", choices=STATUSES, help_text="`suppressed`: it would not be sent."
    )
    reason = serializers.CharField(source="message.failure", help_text="Why not, in one word; else empty.")
    to = Reached(source="message")
    person = serializers.UUIDField(allow_null=True)
    category = serializers.CharField(source="message.category")
    must_arrive = serializers.BooleanField(help_text="Nobody can switch it off.")
    provider = serializers.CharField(help_text="Whose turn it would be first; empty for none.")
    due_at = fields.Moment(allow_null=True)
    expires_at = fields.Moment(source="message.expires_at", allow_null=True)
    segments = serializers.IntegerField(source="message.segments", help_text="Parts of a short message.")
    cost = serializers.IntegerField(source="message.cost", help_text="In millionths of the price list's currency.")
    subject = serializers.CharField(source="message.subject", help_text="The title, of a push message.")
    text = serializers.CharField(source="message.text")
    html = serializers.CharField(source="message.html")
    notes = NoteAnswer(many=True, help_text="What each rule found out, in the order in which they are asked.")


_EXPLANATIONS = {"oneOf": [{"$ref": "#/components/schemas/ExplanationAnswer"}, _PROBLEM]}


@extend_schema_field({"type": "array", "items": _EXPLANATIONS})
class Explanations(serializers.ListField):
    """What would become of messages, in order."""


class BatchExplanation(serializers.Serializer[Any]):
    """What would become of many messages."""

    results = Explanations()


class NoticeExplanation(serializers.Serializer[Any]):
    """What would become of a template for a person."""

    messages = Explanations()
    left_out = LeftOut(many=True)


class AttemptAnswer(serializers.Serializer[Attempt]):
    """One try to hand a message to a provider."""

    provider = serializers.CharField(help_text="The provider's name in this installation.")
    outcome = serializers.ChoiceField(
        choices=Attempt.Outcome.choices,
        help_text="`accepted`: the provider has it; `sent`, `delivered`, `undelivered`: what it said later. "
        "`deferred`, `misconfigured`: it is tried again. `refused`: never again. `unknown`: cut short, and it may have "
        "gone out. `withdrawn`: there was nothing to send any more. `open`: under way.",
    )
    error = serializers.CharField(help_text="What went wrong, in one word; empty where nothing did.")
    detail = serializers.CharField(help_text="What the provider said, for people; empty where `to` is veiled.")
    started_at = fields.Moment()
    finished_at = fields.Moment(allow_null=True, help_text="null while it is under way.")


class MessageItem(serializers.Serializer[Message]):
    """A message of a list."""

    id = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=Message.Channel.choices)
    status = serializers.ChoiceField(choices=STATUSES)
    to = Reached(source="*")
    created_at = fields.Moment()
    due_at = fields.Moment(allow_null=True, help_text="When it is taken up next; null once it is done with.")
    sent_at = fields.Moment(allow_null=True, help_text="When a provider took it; null until then.")
    delivered_at = fields.Moment(allow_null=True, help_text="When it arrived, where a provider tells; null until then.")
    expires_at = fields.Moment(allow_null=True, help_text="When it is given up; null: never.")
    kind = serializers.CharField(help_text="What the service itself sent it for; empty for a caller's own.")
    category = serializers.CharField(help_text="As it was given; empty for none.")
    template = serializers.CharField(help_text="The template that the caller named; empty for none.")
    subject = serializers.CharField()
    metadata = serializers.DictField(help_text="As it was given.")
    failure = serializers.CharField(help_text="Why it is `failed` or `suppressed`, in one word; empty otherwise.")
    batch = serializers.UUIDField(allow_null=True, help_text="The call of many that it came with.")
    resent_from = serializers.UUIDField(allow_null=True, help_text="The message that it repeats.")


class TimelineEntry(serializers.Serializer[Any]):
    """One thing that happened to a message."""

    at = fields.Moment()
    what = serializers.ChoiceField(choices=["accepted", "attempt", "receipt"], help_text="Who tells of it.")
    provider = serializers.CharField(help_text="Empty for what the service itself did.")
    word = serializers.CharField(help_text="The outcome of an attempt, or the event of a receipt.")
    detail = serializers.CharField()


class FileAnswer(serializers.Serializer[Any]):
    """A file that went along."""

    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")


class MessageAnswer(MessageItem):
    """A message as it stands, with every attempt to send it, and all that happened in the order of time."""

    attempts = AttemptAnswer(many=True)
    timeline = TimelineEntry(many=True)
    files = FileAnswer(source="attachments", many=True)

    def to_representation(self, instance: Message) -> dict[str, Any]:
        """Return the message with its timeline. What providers say may name the address, and is veiled with it."""
        instance.timeline = timeline_of(instance)  # type: ignore[attr-defined]
        shown = dict(super().to_representation(instance))
        if is_veiled(instance, self.context):
            for told in (*shown["attempts"], *shown["timeline"]):
                told["detail"] = ""
        return shown


class MessagePage(serializers.Serializer[Any]):
    """A page of messages, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = MessageItem(many=True)


class MessagesQuestion(serializers.Serializer[Any]):
    """Which messages to list."""

    status = fields.Choice(choices=STATUSES, required=False)
    channel = fields.Choice(choices=Channel.choices, required=False)
    category = fields.Text(required=False, max_length=64, help_text="Exactly this one.")
    template = fields.Text(required=False, max_length=100, help_text="Those made from this template.")
    recipient = fields.Text(
        required=False, max_length=254, help_text="Those whose first recipient is this, as `to` shows it."
    )
    since = fields.Moment(required=False, help_text="Accepted at this moment or later.")
    until = fields.Moment(required=False, help_text="Accepted before this moment.")


class Resending(serializers.Serializer[Any]):
    """Why a message is cancelled or sent once more."""

    reason = fields.Text(required=False, allow_blank=True, max_length=200, help_text="Kept in the log.")


def timeline_of(message: Message) -> list[dict[str, Any]]:
    """Return what happened to a message, in the order of time."""
    entries = [{"at": message.created_at, "what": "accepted", "provider": "", "word": "accepted", "detail": ""}]
    entries += [_of_attempt(attempt) for attempt in message.attempts.all()]
    entries += [_of_receipt(receipt) for receipt in message.receipts.all()]
    return sorted(entries, key=lambda entry: entry["at"])


def _of_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.started_at,
        "what": "attempt",
        "provider": attempt.provider,
        "word": attempt.outcome,
        "detail": attempt.detail or attempt.error,
    }


def _of_receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "at": receipt.occurred_at,
        "what": "receipt",
        "provider": receipt.provider,
        "word": receipt.event,
        "detail": receipt.detail,
    }
