from audit.testing import flushable_audit_log  # noqa: F401 - a fixture, found by its name
