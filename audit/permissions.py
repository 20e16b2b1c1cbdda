"""The permissions that this app declares, for the vocabulary of roles."""

PERMISSIONS: dict[str, str] = {
    "audit.view_entry": "See the audit log: who did what, when and from where.",
}
