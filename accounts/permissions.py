"""What may be done in accounts beyond one's own account; Django's model permissions keep their own names."""

PERMISSIONS: dict[str, str] = {
    "accounts.view_user": "See people, their sessions and what happened to them",
    "accounts.add_user": "Invite people",
    "accounts.change_user": "Deactivate, activate and sign out people",
    "accounts.delete_user": "Delete people",
    "accounts.impersonate_user": "See the service as another person does, for a while, changing nothing",
    "accounts.view_session": "See where people are signed in",
}
