"""Settings for the tests of one app: its own floor and those below it installed, and nothing else."""

import os
import tempfile
from pathlib import Path
from typing import Any

import environ

from kit import conf, logs

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
}
# The stock admin and what it stands on.
ADMIN_APPS = ("django.contrib.sessions", "django.contrib.messages", "django.contrib.admin")
# What its pages are drawn with.
ADMIN_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]

SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "for tests alone, and long enough to pass every check of length",
    "VAULT_KEYS": "t1:" + "dGVzdC1vbmx5LXZhdWx0LWtleS1vZi0zMi1ieXRlcyE=",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "PUBLIC_URL": "http://testserver",
    "ALLOWED_HOSTS": ["testserver"],
    "REST_FRAMEWORK": conf.REST_FRAMEWORK,
    "MIDDLEWARE": conf.MIDDLEWARE,
    "SECURITY_HEADERS": conf.SECURITY_HEADERS,
    "BODY_LIMIT": conf.BODY_LIMIT,
    "BODY_LIMITS_BY_PATH": {},
    "PATHS_WITH_SLASH": (),
    "PAGE_PREFIXES": (),
    "CURSOR_SEALER": "vault.opaque.Envelope",
    "RATE_LIMIT_SCALE": 1,
    # Tests refuse by the hundred, and share a Redis.
    "LIMITS_PRESSURE": 0,
    "LIMITS_REFUSALS_WRITTEN": 1_000_000,
    "TRUSTED_PROXIES": 0,
    "GATEHOUSE_HOME": Path(tempfile.gettempdir()) / "gatehouse-tests",
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ADMIN_PROCESSORS},
        }
    ],
    "CELERY_BROKER_URL": "memory://",
}


def settings_for(*apps: str, **more: Any) -> dict[str, Any]:
    """Return the settings of a Django project made of `apps`, on the database of DATABASE_URL (default: SQLite).

    Use it in a module of its own: `globals().update(settings_for("limits", "vault"))`.
    """
    own = {
        "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", *apps],
        "DATABASES": {"default": _database()},
        "LOGGING": logs.configure(),
        "REDIS_URL": os.environ.get("REDIS_URL", ""),
    }
    return SETTINGS | own | more


def _database() -> dict[str, Any]:
    default = f"sqlite:///{tempfile.gettempdir()}/gatehouse-tests-{os.getpid()}.sqlite3"
    database: dict[str, Any] = environ.Env.db_url_config(os.environ.get("DATABASE_URL") or default)
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = SQLITE_OPTIONS
        # A file, not memory: tests of races open several connections.
        database["TEST"] = {"NAME": database["NAME"] + "-test"}
    return database
