"""A person, and the names by which she is found.

Addresses and user names share one namespace, the unique `Handle.canonical`; the columns on `User` repeat what is
shown, so that a request reads one row.
"""

from typing import Any, ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import PermissionDenied
from django.db import models

from kit import canonical
from kit.clock import utcnow
from kit.ids import uuid7

MAX_NAME = 150


def name_keys(*, first_name: str, last_name: str) -> dict[str, str]:
    """Return the columns by which a person is found by the beginning of either name, for rows written in bulk."""
    return {"first_name_key": _key(first_name), "last_name_key": _key(last_name)}


def _key(name: str) -> str:
    return canonical.fold(name)[:MAX_NAME]


class UserManager(BaseUserManager["User"]):
    """People, found by any of their names."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person who holds this address or user name; raises `User.DoesNotExist`."""
        return self.get(handles__canonical=canonical.fold(username or ""), handles__held_until=None)

    def find_by_name(self, name: str) -> "User | None":
        """Return the person who holds this address or user name, or None."""
        return self.filter(handles__canonical=canonical.fold(name), handles__held_until=None).first()

    def lock(self, pk: Any) -> "User":
        """Return a person whose row is locked until the caller's transaction ends.

        Whatever changes her names, her password or whether she may act takes this lock before any other row's.
        """
        return self.select_for_update().get(pk=pk)


class User(AbstractBaseUser):
    """A person. Whether she may do something is asked of `has_perm` alone; no flag is a way round it."""

    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    password = models.CharField(max_length=256, editable=False)  # hashes of other systems, and wrapped ones, are long
    email = models.EmailField("primary address", max_length=254, unique=True)
    # NULL and not "": `people.handles` holds the unique canonical form, and most people have none.
    username = models.CharField("user name", max_length=64, null=True, blank=True)  # noqa: DJ001 - as above
    first_name = models.CharField(max_length=MAX_NAME, blank=True)
    last_name = models.CharField(max_length=MAX_NAME, blank=True)
    first_name_key = models.CharField(max_length=MAX_NAME, blank=True, editable=False)
    last_name_key = models.CharField(max_length=MAX_NAME, blank=True, editable=False)
    phone = models.CharField(max_length=16, blank=True)
    phone_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    locale = models.CharField(max_length=16, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("staff", default=False, help_text="May open the admin.")
    is_superuser = models.BooleanField("superuser", default=False, help_text="Counts as a grant of every permission.")
    created_at = models.DateTimeField(default=utcnow, editable=False)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    frozen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="No sign-in until she sets a new password by a link."
    )
    erase_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Deleted, and erased then.")
    erasure_failed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        # `id` last, so that a page that begins after one row is a range of the index. The pattern operators are for
        # PostgreSQL, where the beginning of a text is not a range of the usual order; SQLite knows none.
        indexes = [
            models.Index(fields=["created_at", "id"], name="accounts_user_created"),
            models.Index(
                fields=["first_name_key", "last_name_key"],
                opclasses=["varchar_pattern_ops"] * 2,
                name="accounts_user_both_names",
            ),
            models.Index(fields=["last_name_key"], opclasses=["varchar_pattern_ops"], name="accounts_user_last_name"),
            models.Index(fields=["last_name_key", "id"], name="accounts_user_by_last_name"),
            # The few among the many, in the order in which they are shown.
            models.Index(fields=["created_at", "id"], condition=models.Q(is_staff=True), name="accounts_user_staff"),
            models.Index(
                fields=["created_at", "id"], condition=models.Q(is_active=False), name="accounts_user_inactive"
            ),
            models.Index(
                fields=["created_at", "id"], condition=models.Q(frozen_at__isnull=False), name="accounts_user_frozen"
            ),
            models.Index(fields=["erase_at"], condition=models.Q(erase_at__isnull=False), name="accounts_user_erase"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, **options: Any) -> None:
        """Keep the columns for look-up equal to the names they are made of."""
        for name, key in name_keys(first_name=self.first_name, last_name=self.last_name).items():
            setattr(self, name, key)
        fields = options.get("update_fields")
        if fields is not None:
            options["update_fields"] = {
                *fields,
                *(f"{name}_key" for name in ("first_name", "last_name") if name in fields),
            }
        super().save(**options)

    @property
    def full_name(self) -> str:
        """Return both names as they are written together; empty without any."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """Return what to call her in a greeting (the admin's header asks for it)."""
        return self.first_name or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Say whether a backend allows this. A backend that raises PermissionDenied ends the question with no."""
        if not self.is_active:
            return False
        try:
            return any(backend.has_perm(self, perm, obj) for backend in _permission_backends("has_perm"))
        except PermissionDenied:
            return False

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        """Say whether every one of these is allowed."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether she may do anything at all in this app (the admin's index asks)."""
        if not self.is_active:
            return False
        return any(backend.has_module_perms(self, app_label) for backend in _permission_backends("has_module_perms"))


def _permission_backends(method: str) -> list[Any]:
    return [backend for backend in get_backends() if hasattr(backend, method)]


class Handle(models.Model):
    """One name by which a person is found: an address or a user name.

    One with `held_until` has been given up: nobody is found by it, and nobody else may take it until then.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "address"
        USERNAME = "username", "user name"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="handles")
    kind = models.CharField(max_length=8, choices=Kind)
    canonical = models.CharField(max_length=254, unique=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    is_primary = models.BooleanField("primary", default=False)
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "name"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=models.Q(is_primary=True), name="accounts_handle_one_primary"
            )
        ]
        indexes = [
            models.Index(
                fields=["held_until"], condition=models.Q(held_until__isnull=False), name="accounts_handle_held"
            )
        ]

    def __str__(self) -> str:
        return self.canonical
