"""The settings of accounts: name, type, default and meaning, in one place. Durations are whole seconds.

- `ACCOUNTS_LOGIN_STEPS`: dotted paths of further steps of a sign-in, in order (`accounts.login.Step`).
- `ACCOUNTS_REQUEST_ANNOTATIONS`: dotted paths of functions that add to the one row that each request reads.
- `ACCOUNTS_USER_PANELS`: dotted paths of functions that say what a person's page in the admin also shows.
"""

from urllib.parse import urlsplit

from django.conf import settings


def public_url() -> str:
    """PUBLIC_URL: where people reach this service; every link in a mail begins with it."""
    return str(settings.PUBLIC_URL).rstrip("/")


def public_host() -> str:
    """Return the host of PUBLIC_URL: how a short message names this service."""
    return urlsplit(public_url()).netloc


def issuer() -> str:
    """ACCOUNTS_TOKEN_ISSUER: the `iss` of access tokens; `PUBLIC_URL` unless set."""
    return getattr(settings, "ACCOUNTS_TOKEN_ISSUER", "") or public_url()


def audience() -> str:
    """ACCOUNTS_TOKEN_AUDIENCE: the `aud` of access tokens."""
    return getattr(settings, "ACCOUNTS_TOKEN_AUDIENCE", "gatehouse")


def access_lifetime() -> int:
    """ACCOUNTS_ACCESS_LIFETIME: seconds that an access token is good for."""
    return int(getattr(settings, "ACCOUNTS_ACCESS_LIFETIME", 30 * 60))


def refresh_lifetime() -> int:
    """ACCOUNTS_REFRESH_LIFETIME: seconds that an unused refresh token is good for."""
    return int(getattr(settings, "ACCOUNTS_REFRESH_LIFETIME", 7 * 24 * 3600))


def refresh_grace() -> int:
    """ACCOUNTS_REFRESH_GRACE: seconds that a spent refresh token is still answered with its live successor."""
    return int(getattr(settings, "ACCOUNTS_REFRESH_GRACE", 20))


def session_lifetime() -> int:
    """ACCOUNTS_SESSION_LIFETIME: seconds until the absolute end of a session, however often it is refreshed."""
    return int(getattr(settings, "ACCOUNTS_SESSION_LIFETIME", 30 * 24 * 3600))


def staff_session_lifetime() -> int:
    """ACCOUNTS_STAFF_SESSION_LIFETIME: the same for staff, where it is less."""
    return int(getattr(settings, "ACCOUNTS_STAFF_SESSION_LIFETIME", 12 * 3600))


def session_idle() -> int:
    """ACCOUNTS_SESSION_IDLE: seconds after which an unused session is over; up to five minutes fewer."""
    return int(getattr(settings, "ACCOUNTS_SESSION_IDLE", 7 * 24 * 3600))


def staff_session_idle() -> int:
    """ACCOUNTS_STAFF_SESSION_IDLE: the same for staff, where it is less."""
    return int(getattr(settings, "ACCOUNTS_STAFF_SESSION_IDLE", 3600))


def sessions_at_once() -> int:
    """ACCOUNTS_SESSIONS_AT_ONCE: how many live sessions one person has at most; the oldest ends. 0: any number."""
    return int(getattr(settings, "ACCOUNTS_SESSIONS_AT_ONCE", 100))


def ended_sessions_kept() -> int:
    """ACCOUNTS_ENDED_SESSIONS_KEPT: seconds that a session is kept after its end, for its owner to look at."""
    return int(getattr(settings, "ACCOUNTS_ENDED_SESSIONS_KEPT", 90 * 24 * 3600))


def unseen_devices_kept() -> int:
    """ACCOUNTS_DEVICES_KEPT: seconds after the last sign-in from a device until it is known no more."""
    return int(getattr(settings, "ACCOUNTS_DEVICES_KEPT", 365 * 24 * 3600))


def geoip_path() -> str:
    """GEOIP_PATH: the MaxMind database (.mmdb) of cities that says where addresses are; empty: places are not told."""
    return str(getattr(settings, "GEOIP_PATH", "") or "")


def browser_origins() -> list[str]:
    """CORS_ORIGINS: origins of browser applications, which may use the refresh cookie."""
    return list(getattr(settings, "CORS_ORIGINS", ()))


def admin_session_lifetime() -> int:
    """ACCOUNTS_ADMIN_SESSION_LIFETIME: seconds until the absolute end of a session in the admin."""
    return int(getattr(settings, "ACCOUNTS_ADMIN_SESSION_LIFETIME", 8 * 3600))


def impersonation_minutes() -> int:
    """ACCOUNTS_IMPERSONATION_MINUTES: how many minutes staff act for a person unless they ask otherwise; at most 60."""
    return int(getattr(settings, "ACCOUNTS_IMPERSONATION_MINUTES", 30))


def impersonation_told() -> bool:
    """ACCOUNTS_IMPERSONATION_TOLD: whether a person is told by mail that somebody of the staff acts for her."""
    return bool(getattr(settings, "ACCOUNTS_IMPERSONATION_TOLD", True))


def attempt_lifetime() -> int:
    """ACCOUNTS_LOGIN_ATTEMPT_LIFETIME: seconds that a begun sign-in waits for its next step."""
    return int(getattr(settings, "ACCOUNTS_LOGIN_ATTEMPT_LIFETIME", 5 * 60))


def enrolment_lifetime() -> int:
    """ACCOUNTS_ENROLMENT_LIFETIME: seconds that somebody who must set up a factor first has for that."""
    return int(getattr(settings, "ACCOUNTS_ENROLMENT_LIFETIME", 15 * 60))


def sign_in_by_mail() -> bool:
    """ACCOUNTS_SIGN_IN_BY_MAIL: whether a code or link by mail signs a person in without her password."""
    return bool(getattr(settings, "ACCOUNTS_SIGN_IN_BY_MAIL", False))


def recent() -> int:
    """ACCOUNTS_RECENT: seconds after a sign-in in which what weakens an account asks for no further proof."""
    return int(getattr(settings, "ACCOUNTS_RECENT", 10 * 60))


def confirmation_lifetime() -> int:
    """ACCOUNTS_CONFIRMATION_LIFETIME: seconds that the link of a registration is good for."""
    return int(getattr(settings, "ACCOUNTS_CONFIRMATION_LIFETIME", 24 * 3600))


def reset_lifetime() -> int:
    """ACCOUNTS_RESET_LIFETIME: seconds that a link which sets a new password is good for."""
    return int(getattr(settings, "ACCOUNTS_RESET_LIFETIME", 30 * 60))


def undo_lifetime() -> int:
    """ACCOUNTS_UNDO_LIFETIME: seconds that the link of a notice undoes the change; no name given up is free sooner."""
    return int(getattr(settings, "ACCOUNTS_UNDO_LIFETIME", 7 * 24 * 3600))


def reversals() -> dict[str, str]:
    """ACCOUNTS_REVERSALS: changes that other apps make, and dotted paths of functions that take them back.

    They are called in the transaction of the undo, as `(user=…, data=…, now=…, origin=…)`, the latest change first.
    """
    return dict(getattr(settings, "ACCOUNTS_REVERSALS", {}))


def mails_per_hour() -> int:
    """ACCOUNTS_MAILS_PER_HOUR: how many unasked-for mails, links and codes of all kinds, an address gets an hour."""
    return int(getattr(settings, "ACCOUNTS_MAILS_PER_HOUR", 3))


def link_urls() -> list[str]:
    """ACCOUNTS_LINK_URLS: beginnings of addresses that a client's `link_url` may have, each an origin with a path."""
    return list(getattr(settings, "ACCOUNTS_LINK_URLS", ()))


def sign_up() -> str:
    """ACCOUNTS_SIGN_UP: `open`: anybody may ask for an account; `invitation`: the invited alone; `closed`: nobody."""
    return getattr(settings, "ACCOUNTS_SIGN_UP", "open")


def invitation_lifetime() -> int:
    """ACCOUNTS_INVITATION_LIFETIME: seconds that an invitation is good for."""
    return int(getattr(settings, "ACCOUNTS_INVITATION_LIFETIME", 7 * 24 * 3600))


def invitation_grants() -> str:
    """ACCOUNTS_INVITATION_GRANTS: dotted path of a module that checks and gives the roles an invitation promises.

    It has `check(*, inviter, grants, now)`, which returns them in good form or refuses, `give(*, user, grants,
    inviter, now, origin)`, called in the transaction of the acceptance, and `choices()`, pairs of a role's name and
    what to call it, for the form that staff invite with. Empty: an invitation promises none.
    """
    return getattr(settings, "ACCOUNTS_INVITATION_GRANTS", "")


def robot_challenge() -> str:
    """ACCOUNTS_ROBOT_CHALLENGE: `off`, `proof-of-work`, or the dotted path of a class (`accounts.robots.Challenge`)."""
    return getattr(settings, "ACCOUNTS_ROBOT_CHALLENGE", "off")


def robot_difficulty() -> int:
    """ACCOUNTS_ROBOT_DIFFICULTY: zero bits that a proof of work must show; each more doubles the work."""
    return int(getattr(settings, "ACCOUNTS_ROBOT_DIFFICULTY", 16))


def hashes_at_once() -> int:
    """ACCOUNTS_HASHES_AT_ONCE: how many passwords a process hashes at a time; each takes 19 MiB."""
    return int(getattr(settings, "ACCOUNTS_HASHES_AT_ONCE", 4))


def hashes_waiting() -> int:
    """ACCOUNTS_HASHES_WAITING: how many more requests of a process wait for that; the next are told to come back.

    Each holds a thread: both together must leave some threads free for what hashes nothing.
    """
    return int(getattr(settings, "ACCOUNTS_HASHES_WAITING", 2))


def hash_wait() -> float:
    """ACCOUNTS_HASH_WAIT: how many seconds a request waits for its turn to hash before it is told to come back."""
    return float(getattr(settings, "ACCOUNTS_HASH_WAIT", 5))


def password_policy() -> str:
    """ACCOUNTS_PASSWORD_POLICY: `balanced` (8 with four classes, or 15) or `nist` (15, no classes)."""
    return getattr(settings, "ACCOUNTS_PASSWORD_POLICY", "balanced")


def breached_list() -> str:
    """ACCOUNTS_BREACHED_LIST: path of a list that `accounts_breached_build` made. Empty: the shipped 20,000 alone."""
    return str(getattr(settings, "ACCOUNTS_BREACHED_LIST", ""))


def breached_service() -> str:
    """ACCOUNTS_BREACHED_SERVICE: address of a service asked by k-anonymity, as Have I Been Pwned. Empty: nobody."""
    return str(getattr(settings, "ACCOUNTS_BREACHED_SERVICE", "")).rstrip("/")


def admin_front_page() -> str:
    """ADMIN_FRONT_PAGE: dotted path of a function that gathers what the admin's front page shows.

    It is called as `gather(user=…, now=…)` and returns template context. Empty: the page lists what she may open.
    """
    return getattr(settings, "ADMIN_FRONT_PAGE", "")


def admin_sign_in() -> tuple[str, ...]:
    """ACCOUNTS_ADMIN_SIGN_IN: templates that the admin's sign-in page shows below its form, each another way in."""
    return tuple(getattr(settings, "ACCOUNTS_ADMIN_SIGN_IN", ()))


def may_manage() -> str:
    """ACCOUNTS_MAY_MANAGE: dotted path of `(actor=…, user=…, now=…)`: whether one holds all that another does.

    Empty: only those who may do everything manage others.
    """
    return getattr(settings, "ACCOUNTS_MAY_MANAGE", "")


def refusals_kept() -> int:
    """ACCOUNTS_REFUSALS_KEPT: seconds that the record of refused sign-ins is kept for staff."""
    return int(getattr(settings, "ACCOUNTS_REFUSALS_KEPT", 30 * 24 * 3600))


def unknown_names_kept() -> int:
    """ACCOUNTS_UNKNOWN_NAMES_KEPT: seconds that it keeps a name which nobody holds, and which may be anything."""
    return int(getattr(settings, "ACCOUNTS_UNKNOWN_NAMES_KEPT", 24 * 3600))


def unlock_lifetime() -> int:
    """ACCOUNTS_UNLOCK_LIFETIME: seconds that the link is good for which lets the owner of a locked account in."""
    return int(getattr(settings, "ACCOUNTS_UNLOCK_LIFETIME", 24 * 3600))


def last_holder() -> str:
    """ACCOUNTS_LAST_HOLDER: dotted path of a context manager `(user=…, now=…)` around the end of an account.

    It refuses what leaves nobody who may do everything.
    """
    return getattr(settings, "ACCOUNTS_LAST_HOLDER", "")


def erasure_grace() -> int:
    """ACCOUNTS_ERASURE_GRACE: seconds for which a deleted account can be brought back before it is erased."""
    return int(getattr(settings, "ACCOUNTS_ERASURE_GRACE", 30 * 24 * 3600))


def factor_reset() -> str:
    """ACCOUNTS_FACTOR_RESET: dotted path of a function that takes away somebody's second factors, and tells her.

    It is called in the transaction of the reset, as `(user=…, actor=…, reason=…, now=…, origin=…)`. Empty: nobody has
    any.
    """
    return getattr(settings, "ACCOUNTS_FACTOR_RESET", "")


def erasers() -> tuple[str, ...]:
    """ACCOUNTS_ERASERS: dotted paths of what erases a person in each app (`kit.personal_data.Eraser`), in order."""
    return tuple(getattr(settings, "ACCOUNTS_ERASERS", ("accounts.erasure.ERASER",)))


def exporters() -> tuple[str, ...]:
    """ACCOUNTS_EXPORTERS: dotted paths of what shows a person her data in each app (`kit.personal_data.Exporter`)."""
    return tuple(getattr(settings, "ACCOUNTS_EXPORTERS", ("accounts.personal_data.EXPORTER",)))
