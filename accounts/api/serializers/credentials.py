"""The answer of a passkey, as `PublicKeyCredential.toJSON()` writes it (WebAuthn level 3)."""

from typing import Any

from rest_framework import serializers

from kit.fields import Base64Url, Choice, Text

MOST_ID = 1023  # bytes of a credential id (WebAuthn level 3, section 4)
MOST_CLIENT_DATA = 4096
MOST_AUTHENTICATOR_DATA = 4096
MOST_SIGNATURE = 1024
MOST_HANDLE = 64


class AssertionResponse(serializers.Serializer[Any]):
    """What the authenticator signed, and its signature."""

    clientDataJSON = Base64Url(max_bytes=MOST_CLIENT_DATA)
    authenticatorData = Base64Url(max_bytes=MOST_AUTHENTICATOR_DATA)
    signature = Base64Url(max_bytes=MOST_SIGNATURE)
    userHandle = Base64Url(max_bytes=MOST_HANDLE, required=False, allow_null=True)


class Credential(serializers.Serializer[Any]):
    """What a new passkey and the answer of one have in common."""

    id = Base64Url(max_bytes=MOST_ID)
    rawId = Base64Url(max_bytes=MOST_ID)
    type = Choice(("public-key",))
    authenticatorAttachment = Text(max_length=32, required=False, allow_null=True)


class Assertion(Credential):
    """What `navigator.credentials.get()` gave, by its `toJSON()`. Other members are ignored."""

    response = AssertionResponse()
