"""The record of refused sign-ins, under the name that staff know it by. Its table is that of django-axes."""

from axes.models import AccessAttempt


class RefusedSignIn(AccessAttempt):  # type: ignore[misc]
    """A name that was tried, from where, and how often."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "refused sign-in"
