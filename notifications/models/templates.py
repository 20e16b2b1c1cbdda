"""Templates that staff write, version by version; the files beside their owners are the defaults below them."""

from django.db import models
from django.db.models import Q

from kit.ids import uuid7
from kit.tenants import HOUSE


class Template(models.Model):
    """A message that can be sent by name: staff's own, or one of the house's (a kind's name) that they override."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.UUIDField(default=HOUSE, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=255, blank=True)
    category = models.CharField(max_length=64, blank=True)
    variables = models.JSONField(
        default=dict, blank=True, help_text="Each variable's name, with the sample that previews are made with."
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("tenant", "name"), name="template_once_per_tenant"),)

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One wording of a template for one channel and language. Published ones are never written again."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    channel = models.CharField(max_length=16)
    locale = models.CharField(max_length=35, blank=True, help_text="A language tag (BCP 47); empty: every language.")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    subject = models.TextField(blank=True, help_text="The subject of a mail; the title of a push or in-app message.")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    published_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("template", "channel", "locale", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=("template", "channel", "locale", "number"), name="template_version_once_per_number"
            ),
            models.UniqueConstraint(
                fields=("template", "channel", "locale"),
                # nosemgrep: loose-enum-string - a class within the class cannot see the states by their name
                condition=Q(state="published"),
                name="template_version_one_published",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.locale} {self.number}"


class Brand(models.Model):
    """What every mail of a tenant looks like: its name, its colour, its logo."""

    tenant = models.UUIDField(primary_key=True, default=HOUSE, editable=False)
    name = models.CharField(max_length=100, blank=True)
    colour = models.CharField(max_length=7, blank=True, help_text="`#rrggbb`")
    logo_url = models.URLField(max_length=500, blank=True, help_text="An image that mail programs may load, by https.")
    footer = models.CharField(
        max_length=500, blank=True, help_text="One line below every mail: an address, an imprint."
    )
    updated_at = models.DateTimeField()
    updated_by = models.UUIDField(null=True)

    def __str__(self) -> str:
        return self.name
