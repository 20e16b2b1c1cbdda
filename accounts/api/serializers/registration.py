"""The shapes of registration."""

from typing import Any

from rest_framework import serializers

from accounts import robots
from accounts.api.serializers.fields import PHONE_HELP, LinkUrl, NewPassword, Phone, UserName
from kit.fields import Choice, EmailAddress, Secret, Text

ROBOT_PROOF_HELP = "The solution of a challenge of `/api/v1/auth/robot-challenge`, where the operator asks for one."


class RobotProof(Secret):
    """The solution of a challenge of `robot-challenge`."""

    def __init__(self, **kwargs: Any) -> None:
        own = {"max_length": robots.MAX_PROOF, "required": False, "allow_blank": True, "help_text": ROBOT_PROOF_HELP}
        super().__init__(**{**own, **kwargs})


class RobotQuestion(serializers.Serializer[Any]):
    """What a challenge is for."""

    purpose = Choice(choices=robots.PURPOSES, default=robots.PURPOSES[0])


class RobotChallenge(serializers.Serializer[Any]):
    """A challenge, and how hard it is."""

    kind = serializers.CharField(help_text="`off`: nothing is asked. `proof-of-work`: see [robots](robots.md).")
    purpose = Choice(choices=robots.PURPOSES)
    challenge = serializers.CharField(help_text="What the work is done on. Good once.")
    difficulty = serializers.IntegerField(help_text="How many zero bits the digest must begin with.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class Registration(serializers.Serializer[Any]):
    """A wish to have an account."""

    email = EmailAddress(help_text="A plain address on a domain name. The mail that confirms goes there.")
    password = NewPassword()
    username = UserName(required=False, allow_blank=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True, help_text=PHONE_HELP)
    link_url = LinkUrl()
    robot_proof = RobotProof()


class Address(serializers.Serializer[Any]):
    """An e-mail address."""

    email = EmailAddress()


class LinkToken(serializers.Serializer[Any]):
    """The token of a mail."""

    token = Secret(max_length=8192, help_text="The query value `token` of the link in the mail.")
