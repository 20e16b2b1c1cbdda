"""What tests of the whole house share: a log that a transactional test's flush may empty."""

from audit.testing import flushable_audit_log

__all__ = ["flushable_audit_log"]
