"""The shapes of templates: what is written about them, and what they say."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit import fields
from kit.field_schemas import WITHOUT_NUL
from notifications.channels import Channel
from notifications.models import TemplateVersion
from notifications.wording import versions
from notifications.wording.budgets import MAX_SOURCE

_OBJECT = {
    "type": "object",
    "propertyNames": {"pattern": WITHOUT_NUL},
    "additionalProperties": {"$ref": "#/components/schemas/Unknown"},
}
_LOCALE = "A language tag (BCP 47), such as `de-AT`; empty: every language."
_HTML = "What stands between the layout's header and footer. Without it a mail is plain text."


@extend_schema_field(_OBJECT)
class Values(serializers.DictField):
    """Names, each with a text, number, boolean, list or object."""


@extend_schema_field({"type": "string", "maxLength": MAX_SOURCE, "pattern": WITHOUT_NUL})
class Source(serializers.CharField):
    """A part of a wording, exactly as it was sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, "max_length": MAX_SOURCE, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Anything but a JSON string is refused."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(
    {"type": "string", "maxLength": versions.MAX_NAME, "pattern": "^[a-z0-9][a-z0-9_-]*(\\.[a-z0-9_-]+)*$"}
)
class Name(fields.Text):
    """The name of a template."""


@extend_schema_field({"type": "string", "maxLength": 64, "pattern": "^[a-z0-9][a-z0-9_.-]*$"})
class Category(fields.Text):
    """A word by which messages are grouped."""


@extend_schema_field({"type": "string", "maxLength": 35, "pattern": "^([A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8}){0,4})?$"})
class Locale(fields.Text):
    """A language tag."""


class NewTemplate(serializers.Serializer[Any]):
    """A template that is to be made; its wordings come after it."""

    name = Name(max_length=versions.MAX_NAME, help_text="It stays the name of the template for good.")
    description = fields.Text(required=False, allow_blank=True, max_length=versions.MAX_DESCRIPTION)
    category = Category(required=False, max_length=64, help_text="What its messages are, unless a request says so.")
    variables = Values(
        required=False, help_text="Each variable's name, with a sample that previews are made with; at most 60."
    )


class NewVersion(serializers.Serializer[Any]):
    """A wording for one channel and language, kept as a draft."""

    channel = fields.Choice(choices=Channel.choices)
    locale = Locale(required=False, allow_blank=True, max_length=35, help_text=_LOCALE)
    subject = Source(
        required=False, max_length=versions.MAX_SUBJECT, help_text="Of a mail; the title of a push or in-app message."
    )
    text = Source(required=False, help_text="The plain text. A mail may have HTML alone: its text is made from that.")
    html = Source(required=False, help_text=_HTML)


class PreviewQuestion(serializers.Serializer[Any]):
    """What to show."""

    context = Values(  # type: ignore[assignment]
        required=False, help_text="What it is filled with; the samples unless told."
    )
    locale = Locale(required=False, allow_blank=True, max_length=35, help_text=_LOCALE)
    channel = fields.Choice(choices=Channel.choices, required=False, help_text="The template's first unless told.")
    version = fields.Whole(
        required=False,
        min_value=1,
        max_value=versions.MAX_VERSIONS,
        help_text="The number of a wording, a draft too; otherwise what is published for the channel and language.",
    )


class TemplateItem(serializers.Serializer[Any]):
    """A template."""

    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField(help_text="Empty for none.")
    house = serializers.BooleanField(help_text="The service sends it itself; callers cannot, and staff may reword it.")
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices), help_text="What it can be sent by now."
    )
    locales = serializers.ListField(child=serializers.CharField(), help_text="Of its published wordings.")
    variables = serializers.ListField(child=serializers.CharField(), help_text="What its context may name.")


class TemplatesAnswer(serializers.Serializer[Any]):
    """All templates, by name."""

    results = TemplateItem(many=True)


class VersionAnswer(serializers.Serializer[TemplateVersion]):
    """A wording, without its text."""

    number = serializers.IntegerField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    locale = serializers.CharField(help_text="Empty: every language.")
    state = serializers.ChoiceField(choices=TemplateVersion.State.choices)
    created_at = fields.Moment()
    published_at = fields.Moment(allow_null=True, help_text="null until then.")


class TemplateDetail(TemplateItem):
    """A template with the samples of its variables and its newest wordings."""

    samples = Values(help_text="Each variable, with what previews are made with.")
    versions = VersionAnswer(many=True, help_text="The newest hundred, newest first.")


class PreviewAnswer(serializers.Serializer[Any]):
    """What a template says. Nothing was sent."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    locale = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="null: the service's own files.")
    subject = serializers.CharField(source="words.subject")
    text = serializers.CharField(source="words.text")
    html = serializers.CharField(source="words.html", help_text="The whole mail; empty where it has none.")
