"""What this app's tests share."""

from audit.testing import flushable_audit_log

__all__ = ["flushable_audit_log"]
