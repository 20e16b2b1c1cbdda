"""What the account calls take and give, a module for each noun. Shapes only: rules live in the domain."""

from typing import Any

from rest_framework import serializers


class Detail(serializers.Serializer[Any]):
    """A sentence for a person."""

    detail = serializers.CharField()
