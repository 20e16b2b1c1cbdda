"""Where a person is signed in: devices, sessions, and the refresh tokens of a session.

The session row is the truth of each request; a refresh token's row remembers its live successor for a few seconds.
"""

import datetime as dt
from typing import TypeAlias

from django.db import models
from django.db.models.functions import Coalesce

from accounts import conf
from accounts.models.people import User
from kit.ids import uuid7


class Device(models.Model):
    """A client that has signed in as this person before.

    It proves so by a `device_token`, which is derived from the row's id (`vault.derived`); only its digest is kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64, unique=True)
    key_id = models.CharField(max_length=64)
    name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_seen_at"], name="accounts_device_unseen")]

    def __str__(self) -> str:
        return self.name or str(self.id)


def _longest(*, staff: bool) -> tuple[dt.timedelta, dt.timedelta]:
    """Return how long a session may go on, and how long unused: for staff, and for everybody else."""
    lifetime, idle = conf.session_lifetime(), conf.session_idle()
    if staff:
        lifetime, idle = min(lifetime, conf.staff_session_lifetime()), min(idle, conf.staff_session_idle())
    return dt.timedelta(seconds=lifetime), dt.timedelta(seconds=idle)


def _going_on(now: dt.datetime, of: str = "") -> models.Q:
    """Return the condition that a session, or another one that `of` leads to, goes on by itself."""
    used = models.Q()
    for staff in (False, True):
        lifetime, idle = _longest(staff=staff)
        seen = {"user__is_staff": staff, "last_seen_at__gt": now - idle, "created_at__gt": now - lifetime}
        used |= models.Q(**{f"{of}{name}": value for name, value in seen.items()})
    return used & models.Q(**{f"{of}ended_at__isnull": True, f"{of}expires_at__gt": now})


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, narrowed down."""

    def live(self, now: dt.datetime) -> "SessionQuerySet":
        """Return the sessions that `Session.is_live` finds so."""
        of_herself = models.Q(parent__isnull=True)
        return self.filter(_going_on(now), of_herself | _going_on(now, "parent__"))

    def over_before(self, moment: dt.datetime) -> "SessionQuerySet":
        """Return the sessions that ended before a moment, by whatever brought them to an end."""
        return self.alias(over=Coalesce("ended_at", "expires_at")).filter(over__lt=moment)


class SessionDoor(models.TextChoices):
    """Where a session was begun, as `Session.Door`; what its tokens or its cookie open is there alone."""

    API = "api", "API"
    ADMIN = "admin", "admin"
    ACTING = "acting", "staff acting for the person"


class Session(models.Model):
    """One signed-in device of one person, until it is ended or reaches its absolute end.

    At the door `acting` it is somebody of the staff (`impersonator`) who sees the service as this person does: no
    sign-in of hers. It goes on for no longer than `parent`, the session in which that was asked for.
    """

    Door: TypeAlias = SessionDoor

    class EndReason(models.TextChoices):
        LOGOUT = "logout", "signed out"
        LOGOUT_ALL = "logout_all", "signed out everywhere"
        REMOVED = "removed", "ended from another session"
        REUSE = "refresh_reuse", "a spent refresh token came back"
        DEACTIVATED = "deactivated", "the account was deactivated"
        STAFF = "staff", "ended by staff"
        PASSWORD = "password", "the password was changed"
        RESET = "reset", "the password was reset"
        LIMIT = "limit", "more sessions than allowed; the oldest ended"
        UNDONE = "undone", "the owner said that it was not her"
        DELETED = "deleted", "the account was deleted"

    class Verdict(models.TextChoices):
        """What a refresh token that came twice is taken for. Only the first is answered with tokens."""

        RACE = "race", "the client raced with itself"
        LATE_RETRY = "late_retry", "the client tried again too late"
        THEFT = "theft", "somebody else may hold a copy"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, null=True, related_name="sessions")
    impersonator = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="impersonations"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="impersonations"
    )
    door = models.CharField(max_length=8, choices=SessionDoor, default=SessionDoor.API)
    device_name = models.CharField(max_length=100, blank=True)
    address = models.CharField("network address", max_length=45, blank=True)
    place = models.CharField(max_length=100, blank=True)
    agent = models.CharField("user agent", max_length=256, blank=True)
    amr = models.JSONField("proofs", default=list)
    auth_time = models.DateTimeField("authenticated at")
    factor_at = models.DateTimeField("second factor proved at", null=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=EndReason, blank=True)
    verdict = models.CharField("refresh verdict", max_length=16, choices=Verdict, blank=True)
    evidence = models.JSONField(default=dict, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="accounts_session_of_user"),
            models.Index(Coalesce("ended_at", "expires_at"), name="accounts_session_over"),
            # The few: what goes with somebody's account, or with her session.
            models.Index(
                fields=["impersonator"],
                condition=models.Q(impersonator__isnull=False),
                name="accounts_session_impersonator",
            ),
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="accounts_session_parent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(door=SessionDoor.ACTING, impersonator__isnull=False, parent__isnull=False)
                | (~models.Q(door=SessionDoor.ACTING) & models.Q(impersonator__isnull=True, parent__isnull=True)),
                name="accounts_session_acting",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def over_at(self) -> dt.datetime:
        """When the session is over if nobody uses it again, unless it is ended first.

        The limits are those of today, and the person's those of today: whoever becomes staff has theirs at once.
        """
        lifetime, idle = _longest(staff=self.user.is_staff)
        return min(self.expires_at, self.created_at + lifetime, self.last_seen_at + idle)

    def is_live(self, now: dt.datetime) -> bool:
        """Say whether the session goes on: neither ended, nor past its absolute end, nor too long unused.

        One of somebody who acts for this person goes on only while the session does in which that was asked for.
        """
        if self.ended_at is not None or now >= self.over_at:
            return False
        return self.parent is None or self.parent.is_live(now)

    @property
    def by_staff(self) -> bool:
        """Whether somebody of the staff acts for the person in this session."""
        return self.parent_id is not None

    @property
    def device_type(self) -> str:
        """What kind of device the agent says it is: `mobile`, `desktop`, or `other`."""
        agent = self.agent.lower()
        if any(word in agent for word in ("mobile", "android", "iphone", "ipad")):
            return "mobile"
        return "desktop" if any(word in agent for word in ("windows", "macintosh", "x11", "linux")) else "other"


class RefreshToken(models.Model):
    """An opaque refresh token, by the digest of its text; spent by one conditional update.

    `successor` is the text of the next token, sealed under a key that only the text of this one yields. Who spent it is
    compared with whoever shows it again.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)
    spent_address = models.CharField(max_length=45, blank=True)
    spent_agent = models.CharField(max_length=256, blank=True)
    successor = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["spent_at"],
                condition=models.Q(successor__isnull=False),
                name="accounts_refresh_in_grace",
            )
        ]

    def __str__(self) -> str:
        return self.digest[:8]
