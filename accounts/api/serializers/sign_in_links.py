"""The shapes of signing in by mail."""

from accounts.api.serializers.login import FromDevice
from kit.fields import EmailAddress, Secret


class SignInLink(FromDevice):
    """The token of a mail."""

    token = Secret(max_length=8192, help_text="The query value `token` of the link in the mail.")


class SignInCode(FromDevice):
    """The code of a mail, and the address that it went to."""

    email = EmailAddress()
    code = Secret(max_length=64, help_text="Six digits.")
