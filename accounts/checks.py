"""System checks of accounts: a seam that does not hold stops the start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - as Django calls it
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from accounts import breached, conf, impersonation, landings, places, robots, sessions, sign_up, tokens
from kit import seams
from vault import conf as vault_conf
from vault import signing_keys


@register()
def check_seams(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E001: a dotted path in a setting of accounts names nothing."""
    problems: list[CheckMessage] = []
    for setting, paths in _seams().items():
        for path in paths:
            try:
                seams.load(path)
            except ImportError:
                hint = "Name a function or class that can be imported."
                problems.append(Error(f"{setting} names {path}, which does not import.", hint=hint, id="accounts.E001"))
    return problems


def _seams() -> dict[str, list[str]]:
    """Return the dotted paths that must import, by the setting that names them."""
    several = ("ACCOUNTS_LOGIN_STEPS", "ACCOUNTS_REQUEST_ANNOTATIONS")
    found = {setting: list(getattr(settings, setting, ())) for setting in several}
    grants, challenge = conf.invitation_grants(), conf.robot_challenge()
    found["ACCOUNTS_INVITATION_GRANTS"] = [f"{grants}.{name}" for name in ("check", "give") if grants]
    found["ACCOUNTS_ROBOT_CHALLENGE"] = [robots.KNOWN.get(challenge, challenge)]
    return found


@register()
def check_sign_in_page(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E012: a template in ACCOUNTS_ADMIN_SIGN_IN is not there, or cannot be read."""
    problems: list[CheckMessage] = []
    for name in conf.admin_sign_in():
        try:
            get_template(name)
        except (TemplateDoesNotExist, TemplateSyntaxError):
            problems.append(Error(f"ACCOUNTS_ADMIN_SIGN_IN names {name}, which is no template.", id="accounts.E012"))
    return problems


@register()
def check_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E002: a password policy that does not exist."""
    if conf.password_policy() in {"balanced", "nist"}:
        return []
    return [Error("ACCOUNTS_PASSWORD_POLICY must be `balanced` or `nist`.", id="accounts.E002")]


@register()
def check_impersonation(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E013: staff would act for a person for longer than anybody may."""
    if 1 <= conf.impersonation_minutes() <= impersonation.MAX_MINUTES:
        return []
    most = impersonation.MAX_MINUTES
    return [Error(f"ACCOUNTS_IMPERSONATION_MINUTES must be from 1 to {most}.", id="accounts.E013")]


@register()
def check_sign_up(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E007: a way of signing up that does not exist. E008: links may lead to what is no address of a page."""
    problems: list[CheckMessage] = []
    if conf.sign_up() not in sign_up.MODES:
        problems.append(Error(f"ACCOUNTS_SIGN_UP must be one of: {', '.join(sign_up.MODES)}.", id="accounts.E007"))
    hint = "Name an origin, perhaps with a path, such as https://app.example.com/account; in production by https."
    scheme = "https://" if getattr(settings, "PRODUCTION", False) else "http"
    return problems + [
        Error(f"ACCOUNTS_LINK_URLS names {url}, which is no address of a page.", hint=hint, id="accounts.E008")
        for url in conf.link_urls()
        if not landings.is_nameable(url) or not url.startswith(scheme)
    ]


@register()
def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E004: a signing key is removed while a token that it signed could still be good."""
    # A process goes on signing with a key for a little while after it has been retired.
    needed = conf.access_lifetime() + int(signing_keys.REREAD_SECONDS) + tokens.LEEWAY
    if vault_conf.retired_keys_kept().total_seconds() >= needed:
        return []
    told = f"VAULT_RETIRED_KEYS_KEPT must be at least {needed} seconds: ACCOUNTS_ACCESS_LIFETIME and a little more."
    return [Error(told, id="accounts.E004")]


@register()
def check_places(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E005, accounts.W001: GEOIP_PATH names no database; an error in production alone."""
    problem = places.problem(conf.geoip_path()) if conf.geoip_path() else ""
    if not problem:
        return []
    if getattr(settings, "PRODUCTION", False):
        return [Error(f"GEOIP_PATH {problem}.", id="accounts.E005")]
    return [Warning(f"GEOIP_PATH {problem}: no place is told.", id="accounts.W001")]


@register()
def check_idle_times(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E006: a session would be over while it is in use, since its use is written down every five minutes."""
    least = 2 * int(sessions.TOUCH_EVERY.total_seconds())
    times = {"ACCOUNTS_SESSION_IDLE": conf.session_idle(), "ACCOUNTS_STAFF_SESSION_IDLE": conf.staff_session_idle()}
    return [
        Error(f"{name} must be at least {least} seconds.", id="accounts.E006")
        for name, seconds in times.items()
        if seconds < least
    ]


@register()
def check_steps(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E003: two steps of a sign-in with one name, so that completing one would complete the other."""
    try:
        names = [step.name for step in sessions.login_steps()]
    except ImportError:
        return []  # told by accounts.E001
    if len(names) == len(set(names)):
        return []
    return [Error("ACCOUNTS_LOGIN_STEPS names two steps with one name.", id="accounts.E003")]


@register()
def check_breached(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E010, E011: the list of breached passwords cannot be read; the service's address is none."""
    problems: list[CheckMessage] = []
    if path := conf.breached_list():
        try:
            breached.open_list(path)
        except breached.NoList as error:
            hint = "Build it with `manage.py accounts_breached_build`, or unset ACCOUNTS_BREACHED_LIST."
            problems.append(Error(f"ACCOUNTS_BREACHED_LIST: {error}", hint=hint, id="accounts.E010"))
    parts = urlsplit(conf.breached_service())
    if any(parts) and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        hint = "Such as https://api.pwnedpasswords.com."
        problems.append(Error("ACCOUNTS_BREACHED_SERVICE is no address.", hint=hint, id="accounts.E011"))
    return problems
