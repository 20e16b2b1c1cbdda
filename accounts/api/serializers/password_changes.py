"""The shapes of a new password."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.fields import LinkUrl, NewPassword
from accounts.api.serializers.registration import LinkToken
from accounts.hashing import MAX_LENGTH
from kit.fields import EmailAddress, Secret


class PasswordChange(serializers.Serializer[Any]):
    """The old password and the new one."""

    current_password = Secret(max_length=MAX_LENGTH)
    new_password = NewPassword()


class LinkRequest(serializers.Serializer[Any]):
    """Whom to mail a link, and where it leads."""

    email = EmailAddress(help_text="Any confirmed address of the account.")
    link_url = LinkUrl()


class PasswordReset(LinkToken):
    """The token of a mail, and the new password."""

    new_password = NewPassword()
    device_token = Secret(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="The `device_token` kept here. This device stays known to the person; every other is forgotten.",
    )
