"""What is stored: roles, what they hold and inherit, who was given which, and the stamps that date all of it.

A role's name is its primary key, because grants, sets and answers speak of roles by name: the one statement that
loads a person's permissions then joins nothing for it. Names are therefore never changed.
"""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kit.ids import uuid7


class Role(models.Model):
    """A name for a set of permissions. A built-in one is defined in `roles.builtin` and only mirrored here."""

    name = models.CharField(max_length=64, primary_key=True)
    description = models.CharField(max_length=255, blank=True)
    built_in = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class RolePermission(models.Model):
    """A role holds this permission: `namespace.action`, `namespace.*` or `*`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey(Role, models.CASCADE, related_name="permissions", db_index=False)
    permission = models.CharField(max_length=150, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("role", "permission"), name="roles_permission_once"),)

    def __str__(self) -> str:
        return self.permission


class Inheritance(models.Model):
    """Whoever has `role` has all that `inherits` holds too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey(Role, models.CASCADE, related_name="parents", db_index=False)
    inherits = models.ForeignKey(Role, models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("role", "inherits"), name="roles_inheritance_once"),
            models.CheckConstraint(condition=~Q(role=F("inherits")), name="roles_inheritance_no_self"),
        )

    def __str__(self) -> str:
        return f"{self.role_id} < {self.inherits_id}"


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants, narrowed down."""

    def live(self, now: dt.datetime) -> "GrantQuerySet":
        """Return the grants that are in force at `now`."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def ending(self, now: dt.datetime, *, before: dt.datetime) -> "GrantQuerySet":
        """Return the grants in force at `now` that end by themselves before a moment."""
        return self.filter(expires_at__gt=now, expires_at__lt=before)

    def endless(self) -> "GrantQuerySet":
        """Return the grants that end only when somebody takes them back."""
        return self.filter(expires_at=None)


class Grant(models.Model):
    """A person has a role: everywhere, or on one resource (`type:id`); for good, or until a moment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", db_index=False)
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants")
    resource = models.CharField(max_length=200, blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    given_by = models.UUIDField(null=True, editable=False)
    reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        default_permissions = ("add", "delete", "view")
        constraints = (models.UniqueConstraint(fields=("user", "role", "resource"), name="roles_grant_once"),)
        indexes = (
            models.Index(fields=("expires_at",), name="roles_grant_end", condition=Q(expires_at__isnull=False)),
            # For the beginning of a resource; PostgreSQL finds one by the order of these operators alone.
            models.Index(fields=("resource",), opclasses=("varchar_pattern_ops",), name="roles_grant_resource"),
        )

    def __str__(self) -> str:
        return f"{self.role_id} on {self.resource or 'everything'}"


class HouseStamp(models.Model):
    """The one row that dates every role at once, and the lock that each change of a role or grant takes first."""

    id = models.SmallIntegerField(primary_key=True)
    value = models.CharField(max_length=32, default="")
    locked_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=Q(id=1), name="roles_house_stamp_one"),)

    def __str__(self) -> str:
        return self.value


class PersonStamp(models.Model):
    """The row that dates the grants of one person; missing until the first."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    value = models.CharField(max_length=32)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.value
