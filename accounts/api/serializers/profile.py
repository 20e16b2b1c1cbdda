"""The shape of a person's own account."""

from rest_framework import serializers

from accounts.api.serializers.fields import PHONE_HELP, Locale, Phone, TimeZone, UserName
from accounts.models import User
from kit.fields import Text


class Profile(serializers.ModelSerializer[User]):
    """A person's own account."""

    username = UserName(required=False, allow_blank=True, allow_null=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True, help_text=PHONE_HELP)
    phone_confirmed = serializers.SerializerMethodField(help_text="Whether the number was confirmed by a code.")
    locale = Locale()
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
            "phone_confirmed",
            "locale",
            "time_zone",
            "created_at",
        )
        read_only_fields = ("id", "email", "created_at")

    def get_phone_confirmed(self, user: User) -> bool:
        """Say whether the number was confirmed."""
        return user.phone_confirmed_at is not None
