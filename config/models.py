"""What the house itself keeps: when each of its workers was last heard."""

from django.db import models


class Heartbeat(models.Model):
    """A worker process, renewed while it takes up tasks (`config.heartbeats`), gone when it ends as it should."""

    name = models.CharField(max_length=100, primary_key=True)
    heard_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
