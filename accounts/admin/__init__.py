"""The admin of accounts, a module for each noun. Importing one registers its pages.

What an action does and records is what the API does: both call `accounts.stewardship` and `accounts.invitations`.
"""

from accounts.admin import invitations, people, records, sessions

__all__ = ["invitations", "people", "records", "sessions"]
