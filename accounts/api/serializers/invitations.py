"""The shapes of invitations."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.fields import LinkUrl, Locale, NewPassword
from accounts.api.serializers.registration import LinkToken
from accounts.models import Invitation
from kit.fields import EmailAddress, Flag, Items, Moment, Text

MOST_ROLES = 50  # in one invitation; what gives them takes fewer


class RoleName(Text):
    """The name of a role. Which ones there are is for the app that ACCOUNTS_INVITATION_GRANTS names to say."""

    format = "role-name"


class PromisedRole(serializers.Serializer[Any]):
    """A role that the invited gets when she accepts: everywhere or on one resource, for good or until a moment."""

    role = RoleName(max_length=64)
    resource = Text(max_length=200, required=False, allow_blank=True, help_text="`type:id`; empty: everywhere.")
    expires_at = Moment(required=False, allow_null=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the role as it is kept."""
        return {"role": instance["role"], "resource": instance["resource"], "expires_at": instance["expires_at"]}


class InvitationRequest(serializers.Serializer[Any]):
    """Whom to invite, and to what."""

    email = EmailAddress(help_text="The account gets this address and no other.")
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    locale = Locale()
    staff = Flag(required=False, help_text="Whether she may open the admin; for inviters who may themselves.")
    roles = Items(
        child=PromisedRole(),
        required=False,
        max_length=MOST_ROLES,
        help_text="Only what the inviter may give herself.",
    )
    link_url = LinkUrl()


class InvitationItem(serializers.ModelSerializer[Invitation]):
    """An invitation that can be accepted."""

    email = serializers.EmailField(source="address")
    staff = serializers.BooleanField(source="is_staff")
    roles = PromisedRole(many=True, source="grants")

    class Meta:
        model = Invitation
        fields = (
            *("id", "email", "first_name", "last_name", "locale", "staff", "roles"),
            *("invited_by", "created_at", "expires_at"),
        )
        read_only_fields = fields


class InvitationPage(serializers.Serializer[Any]):
    """A page of invitations."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = InvitationItem(many=True)


class Acceptance(LinkToken):
    """The token of the mail, a password of her own choice, and her names if they are not those of the invitation."""

    password = NewPassword()
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
