"""The forms that password hashes of other systems have in this house, and how many people carry each."""

from django.db import models


class HashForm(models.Model):
    """One form: a scheme with its costs, as `accounts.foreign_hashes.stored` writes it.

    Both numbers are parts of one: `share` of those who have a password; names that nobody holds do its work where they
    fall behind `beginning`.
    """

    form = models.CharField(max_length=128, primary_key=True)
    beginning = models.FloatField()
    share = models.FloatField()

    def __str__(self) -> str:
        return self.form
