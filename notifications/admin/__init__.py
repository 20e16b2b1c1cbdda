"""The pages of the admin, a module each by what they show."""

from notifications.admin.brand import BrandAdmin
from notifications.admin.messages import MessageAdmin
from notifications.admin.providers import ProviderAdmin
from notifications.admin.suppressions import SuppressionAdmin
from notifications.admin.templates import TemplateAdmin

__all__ = ["BrandAdmin", "MessageAdmin", "ProviderAdmin", "SuppressionAdmin", "TemplateAdmin"]
