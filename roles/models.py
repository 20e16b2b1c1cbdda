"""What is stored: permissions, roles, who was given or denied which, who asks for one, and the stamps that date it all.

A role's name is its primary key, because grants, sets and answers speak of roles by name: the one statement that
loads a person's permissions then joins nothing for it. Names are therefore never changed.
"""

import datetime as dt
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kit.ids import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class Permission(models.Model):
    """A permission that a client application declared. Those of the house's own apps are in code, not here."""

    name = models.CharField(max_length=150, primary_key=True)
    description = models.CharField(max_length=255, blank=True)
    declared_by = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("name",)
        default_permissions = ("add", "delete", "view")

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A name for a set of permissions. A built-in one is defined in `roles.builtin` and only mirrored here.

    A second person must approve each grant of a `sensitive` one; anybody may ask for a `requestable` one.
    """

    name = models.CharField(max_length=64, primary_key=True)
    description = models.CharField(max_length=255, blank=True)
    built_in = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    requestable = models.BooleanField(default=False)

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


class Group(models.Model):
    """People who are given roles together."""

    name = models.CharField(max_length=64, primary_key=True)
    description = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person is in a group, and so has whatever the group is given."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", db_index=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships", db_index=False)
    added_by = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("-id",)
        default_permissions = ("add", "delete", "view")
        constraints = (models.UniqueConstraint(fields=("user", "group"), name="roles_membership_once"),)
        indexes = (models.Index(fields=("group", "-id"), name="roles_membership_group"),)

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class Placement(models.Model):
    """One resource lies below another (`project:12` below `org:7`): what is given on the upper reaches the lower."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.CharField(max_length=200)
    parent = models.CharField(max_length=200)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("-id",)
        default_permissions = ("add", "delete", "view")
        constraints = (
            models.UniqueConstraint(fields=("resource", "parent"), name="roles_placement_once"),
            models.CheckConstraint(condition=~Q(resource=F("parent")), name="roles_placement_no_self"),
        )
        indexes = (models.Index(fields=("parent", "-id"), name="roles_placement_parent"),)

    def __str__(self) -> str:
        return f"{self.resource} below {self.parent}"


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
    """A person or a group has a role, everywhere or on one resource (`type:id`), for good or until a moment.

    One that `denies` takes away all that its role holds, there and below, whatever other grants give.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", db_index=False, null=True, blank=True
    )
    group = models.ForeignKey(Group, models.CASCADE, related_name="grants", db_index=False, null=True, blank=True)
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants", db_index=False)
    resource = models.CharField(max_length=200, blank=True, default="")
    denies = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    given_by = models.UUIDField(null=True, editable=False)
    reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        default_permissions = ("add", "delete", "view")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "resource", "denies"),
                name="roles_grant_once",
                condition=Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("group", "role", "resource", "denies"),
                name="roles_grant_group_once",
                condition=Q(group__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, group=None) | Q(user=None, group__isnull=False),
                name="roles_grant_one_holder",
            ),
        )
        indexes = (
            models.Index(fields=("expires_at",), name="roles_grant_end", condition=Q(expires_at__isnull=False)),
            models.Index(fields=("denies",), name="roles_grant_denies", condition=Q(denies=True)),
            models.Index(fields=("role", "-id"), name="roles_grant_role"),
            # For the beginning of a resource; PostgreSQL finds one by the order of these operators alone.
            models.Index(fields=("resource",), opclasses=("varchar_pattern_ops",), name="roles_grant_resource"),
        )

    def __str__(self) -> str:
        return f"{'no ' if self.denies else ''}{self.role_id} on {self.resource or 'everything'}"

    @property
    def holder(self) -> "AbstractBaseUser | Group":
        """Whom the role was given to."""
        return cast("AbstractBaseUser | Group", self.user or self.group)


class RequestState(models.TextChoices):
    """What has become of a request for access; one that lapsed has waited too long."""

    PENDING = "pending", "waiting"
    APPROVED = "approved", "approved"
    REFUSED = "refused", "refused"
    WITHDRAWN = "withdrawn", "withdrawn"
    LAPSED = "lapsed", "lapsed"


class AccessRequest(models.Model):
    """Somebody asks that a person be given a role: she herself, for a while, or a colleague who needs a second person.

    The grant ends `minutes` after it was approved, or at `expires_at`; without either it is for good.
    """

    State = RequestState

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_requests", db_index=False)
    role = models.ForeignKey(Role, models.CASCADE, related_name="+")
    resource = models.CharField(max_length=200, blank=True, default="")
    minutes = models.PositiveIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    asked_by = models.UUIDField(editable=False)
    asked_at = models.DateTimeField(editable=False)
    lapses_at = models.DateTimeField(editable=False)
    decided_by = models.UUIDField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ("-id",)
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "resource"), name="roles_request_once", condition=Q(state=RequestState.PENDING)
            ),
        )
        indexes = (
            models.Index(fields=("user", "-id"), name="roles_request_user"),
            models.Index(fields=("asked_by", "-id"), name="roles_request_asker"),
            models.Index(fields=("state", "-id"), name="roles_request_state"),
        )

    def __str__(self) -> str:
        return f"{self.role_id} on {self.resource or 'everything'}: {self.state}"


class HouseStamp(models.Model):
    """The one row that dates every role at once, and the lock that each change of a role or grant takes first.

    `value` dates the vocabulary, the roles and what groups are given; `tree` dates which resource lies below which.
    """

    id = models.SmallIntegerField(primary_key=True)
    value = models.CharField(max_length=32, default="")
    tree = models.CharField(max_length=32, default="")
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
