"""The one setting of audit.

- `AUDIT_CONSUMERS`: dotted paths of functions that are called with each new entry, in the transaction that writes it.
"""
