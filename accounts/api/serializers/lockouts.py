"""The shapes of letting an owner in."""

from typing import Any

from rest_framework import serializers


class KnownDevice(serializers.Serializer[Any]):
    """What the next sign-in sends to be known."""

    device_token = serializers.CharField(help_text="Goes into the next sign-in as `device_token`.")
