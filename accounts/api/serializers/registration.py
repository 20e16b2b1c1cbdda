"""The shapes of registration."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.fields import PHONE_HELP, NewPassword, Phone, UserName
from kit.fields import EmailAddress, Secret, Text


class Registration(serializers.Serializer[Any]):
    """A wish to have an account."""

    email = EmailAddress(help_text="A plain address on a domain name. The mail that confirms goes there.")
    password = NewPassword()
    username = UserName(required=False, allow_blank=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True, help_text=PHONE_HELP)


class Address(serializers.Serializer[Any]):
    """An e-mail address."""

    email = EmailAddress()


class LinkToken(serializers.Serializer[Any]):
    """The token of a mail."""

    token = Secret(max_length=8192, help_text="The query value `token` of the link in the mail.")
