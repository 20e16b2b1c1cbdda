"""The shape of a person's own account."""

from rest_framework import serializers

from accounts.api.serializers.fields import PHONE_HELP, Phone, TimeZone, UserName
from accounts.models import User
from kit.fields import Text


class Profile(serializers.ModelSerializer[User]):
    """A person's own account."""

    username = UserName(required=False, allow_blank=True, allow_null=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True, help_text=PHONE_HELP)
    locale = serializers.RegexField(
        r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2})?\Z",
        max_length=16,
        required=False,
        allow_blank=True,
        help_text="A language tag of BCP 47, such as de-AT.",
    )
    time_zone = TimeZone(
        max_length=64, required=False, allow_blank=True, help_text="A zone of the IANA database, such as Europe/Vienna."
    )

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "username",
            "first_name",
            "last_name",
            "phone",
            "locale",
            "time_zone",
            "created_at",
        )
        read_only_fields = ("id", "email", "created_at")
