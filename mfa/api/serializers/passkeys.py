"""The shapes of passkeys, by the names that WebAuthn gives them (level 3, sections 5.1 and 5.10)."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.credentials import MOST_CLIENT_DATA, Assertion, Credential
from accounts.api.serializers.login import FromDevice
from accounts.hashing import MAX_LENGTH
from kit.fields import Base64Url, EmailAddress, Flag, Id, Items, Secret, Text
from mfa import credentials
from mfa.api.serializers.enrolment import FactorProof, OfSignIn

MOST_TRANSPORTS = 16


class Attestation(serializers.Serializer[Any]):
    """What the authenticator says of the key that it made."""

    clientDataJSON = Base64Url(max_bytes=MOST_CLIENT_DATA)
    attestationObject = Base64Url(max_bytes=credentials.MOST_BYTES)
    transports = Items(child=Text(max_length=32), required=False, max_length=MOST_TRANSPORTS)


class PasskeyProperties(serializers.Serializer[Any]):
    """What the browser says of the key."""

    rk = Flag(required=False, help_text="Whether it is found without its id.")


class PasskeyExtensions(serializers.Serializer[Any]):
    """Those extensions that are asked for."""

    credProps = PasskeyProperties(required=False)


class NewPasskeyCredential(Credential):
    """What `navigator.credentials.create()` gave, by its `toJSON()`. Other members are ignored."""

    response = Attestation()
    clientExtensionResults = PasskeyExtensions(required=False)


class PasskeyBegin(OfSignIn, FactorProof):
    """A passkey that is to be set up."""

    password = Secret(max_length=MAX_LENGTH, required=False, help_text="For a first factor.")


class NewPasskey(OfSignIn):
    """A passkey that was made."""

    credential = NewPasskeyCredential()
    name = Text(max_length=64, required=False, default="", allow_blank=True, help_text="What she calls it.")


class PasskeySignInOptions(serializers.Serializer[Any]):
    """Who would sign in; nobody in particular where a browser is to show what passkeys it has."""

    email = EmailAddress(required=False)


class PasskeySignIn(FromDevice):
    """The answer of a passkey, and from where."""

    credential = Assertion()
    challenge_id = Id(required=False, help_text="That of the options, if the client kept it.")


class NamedPasskey(serializers.Serializer[Any]):
    """A passkey that is meant."""

    id = serializers.CharField()
    type = serializers.CharField()
    transports = serializers.ListField(child=serializers.CharField(), required=False)


class PasskeyRequestOptions(serializers.Serializer[Any]):
    """For `PublicKeyCredential.parseRequestOptionsFromJSON()`."""

    challenge = serializers.CharField()
    timeout = serializers.IntegerField(help_text="Milliseconds.")
    rpId = serializers.CharField()
    allowCredentials = NamedPasskey(many=True, help_text="Empty where any may answer: the browser shows those it has.")
    userVerification = serializers.CharField()


class PasskeyQuestion(serializers.Serializer[Any]):
    """What a browser is asked for `navigator.credentials.get()`."""

    challenge_id = serializers.UUIDField()
    publicKey = PasskeyRequestOptions()


class PasskeyService(serializers.Serializer[Any]):
    """The service that a passkey is for."""

    id = serializers.CharField()
    name = serializers.CharField()


class PasskeyOwner(serializers.Serializer[Any]):
    """Whom a passkey is for."""

    id = serializers.CharField()
    name = serializers.CharField()
    displayName = serializers.CharField()


class PasskeyAlgorithm(serializers.Serializer[Any]):
    """A kind of key that is taken."""

    type = serializers.CharField()
    alg = serializers.IntegerField(help_text="Of the registry of COSE.")


class PasskeySelection(serializers.Serializer[Any]):
    """Which authenticators will do."""

    residentKey = serializers.CharField()
    requireResidentKey = serializers.BooleanField()
    userVerification = serializers.CharField()


class AskedPasskeyExtensions(serializers.Serializer[Any]):
    """Extensions that are asked for."""

    credProps = serializers.BooleanField()


class PasskeyCreationOptions(serializers.Serializer[Any]):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON()`."""

    rp = PasskeyService()
    user = PasskeyOwner()
    challenge = serializers.CharField()
    pubKeyCredParams = PasskeyAlgorithm(many=True)
    timeout = serializers.IntegerField(help_text="Milliseconds.")
    excludeCredentials = NamedPasskey(many=True, help_text="Those that she has set up.")
    authenticatorSelection = PasskeySelection()
    attestation = serializers.CharField()
    extensions = AskedPasskeyExtensions()


class PasskeyCreation(serializers.Serializer[Any]):
    """What a browser is asked for `navigator.credentials.create()`."""

    challenge_id = serializers.UUIDField()
    publicKey = PasskeyCreationOptions()
