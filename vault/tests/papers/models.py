"""A paper with a text and a stamp that nobody else reads, and a copy that lies under another label."""

from typing import ClassVar

from django.db import models

from kit.ids import uuid7
from vault.fields import EncryptedBytesField, EncryptedField


class Paper(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(max_length=50, default="")
    text = EncryptedField(label="papers.paper.text")
    stamp = EncryptedBytesField(label="papers.paper.stamp", null=True)

    objects: ClassVar[models.Manager["Paper"]] = models.Manager()

    def __str__(self) -> str:
        return self.title


class Cover(models.Model):
    paper = models.OneToOneField(Paper, models.CASCADE, primary_key=True)
    note = EncryptedField(label="papers.cover.note", default="none")

    objects: ClassVar[models.Manager["Cover"]] = models.Manager()

    def __str__(self) -> str:
        return str(self.paper)
