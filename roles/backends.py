"""The one answer to "may this person do X?", behind Django's own `user.has_perm`.

It opens no door: it never signs anyone in. There is no short cut for superusers, so that what is asked here,
told by the API and guarded in grants is one truth.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from kit.clock import utcnow
from roles import effective, resources


class RoleBackend(BaseBackend):
    """For AUTHENTICATION_BACKENDS; answers about permissions alone."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether an active person holds `perm` everywhere, or on `obj`: a `type:id` text or a model's row.

        Something else as `obj` is refused, whatever the person holds.
        """
        resource = resources.of(obj)
        return resource is not None and effective.allows(user_obj, perm, resource=resource, now=utcnow())

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether an active person holds anything in a namespace, everywhere (the admin asks by app label)."""
        return effective.allows_any_in(user_obj, app_label, now=utcnow())

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return every declared permission that the person holds, and the wildcards that give them."""
        resource = resources.of(obj)
        return set() if resource is None else set(effective.names(user_obj, resource=resource, now=utcnow()))
