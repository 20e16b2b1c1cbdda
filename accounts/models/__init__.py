"""The tables of accounts: people and their names, registrations, sign-ins under way, sessions and their tokens."""

from accounts.models.logins import LoginAttempt
from accounts.models.people import Handle, User, UserManager
from accounts.models.registrations import Registration
from accounts.models.sessions import Device, RefreshToken, Session

__all__ = ["Device", "Handle", "LoginAttempt", "RefreshToken", "Registration", "Session", "User", "UserManager"]
