"""The pages of the admin, a module each by what they show."""

from notifications.admin.messages import MessageAdmin

__all__ = ["MessageAdmin"]
