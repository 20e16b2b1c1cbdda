"""Solutions of robots' challenges that have been used."""

from django.db import models


class SpentProof(models.Model):
    """A solved challenge that was used; kept until the challenge's own end, so that none is good twice."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:8]
