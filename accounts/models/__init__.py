"""The tables of accounts: people and their names, what is mailed to them, sign-ins, sessions and their tokens."""

from accounts.models.former_names import FormerName
from accounts.models.hash_forms import HashForm
from accounts.models.invitations import Invitation
from accounts.models.links import Link, Mailed, SentCode
from accounts.models.logins import LoginAttempt
from accounts.models.people import Handle, User, UserManager, name_keys
from accounts.models.records import RefusedSignIn
from accounts.models.registrations import Registration
from accounts.models.robots import SpentProof
from accounts.models.sessions import Device, RefreshToken, Session

__all__ = [
    "Device",
    "FormerName",
    "Handle",
    "HashForm",
    "Invitation",
    "Link",
    "LoginAttempt",
    "Mailed",
    "RefreshToken",
    "RefusedSignIn",
    "Registration",
    "SentCode",
    "Session",
    "SpentProof",
    "User",
    "UserManager",
    "name_keys",
]
