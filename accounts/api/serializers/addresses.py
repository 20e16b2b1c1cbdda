"""The shapes of a person's addresses and telephone number."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.fields import LinkUrl, Phone
from accounts.api.serializers.reauthentication import MAX_CODE
from accounts.hashing import MAX_LENGTH
from accounts.models import Handle
from kit.fields import EmailAddress, Secret, Text

NUMBER_HELP = "In E.164 form. The number of the profile unless given; another one takes its place once it is confirmed."


class Recent(serializers.Serializer[Any]):
    """Proof that it is her: the password or a factor's code; neither where she signed in a moment ago."""

    password = Secret(max_length=MAX_LENGTH, required=False)
    code = Secret(max_length=MAX_CODE, required=False, help_text="A code of a second factor, or a recovery code.")


class AddressOffer(Recent):
    """An address that is to be hers."""

    email = EmailAddress(help_text="A plain address on a domain name. The mail that confirms goes there.")
    link_url = LinkUrl()


class Address(serializers.ModelSerializer[Handle]):
    """A confirmed address of the caller."""

    email = serializers.EmailField(source="canonical")
    primary = serializers.BooleanField(source="is_primary", help_text="Whether it is the one that mail goes to.")

    class Meta:
        model = Handle
        fields = ("id", "email", "primary", "confirmed_at")
        read_only_fields = fields


class AddressPage(serializers.Serializer[Any]):
    """A page of addresses."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Address(many=True)


class PhoneCodeRequest(serializers.Serializer[Any]):
    """Where a code is to go."""

    phone = Phone(required=False, allow_blank=True, help_text=NUMBER_HELP)


class PhoneCode(serializers.Serializer[Any]):
    """The code of a short message."""

    code = Text(max_length=16, help_text="The six digits.")
