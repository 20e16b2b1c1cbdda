"""The settings of the house for its tests: `config.settings` as it is, with a home and secrets of the test run's own.

What the environment sets (DATABASE_URL, REDIS_URL) decides which set-up is tested; a developer's own `.env` does not.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="gatehouse-tests-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

_ENVIRONMENT = {
    "GATEHOUSE_ENV": "development",
    "GATEHOUSE_HOME": str(HOME),
    "SECRET_KEY": "for tests alone, and long enough to pass every check of length",
    "VAULT_KEYS": "t1:dGVzdC1vbmx5LXZhdWx0LWtleS1vZi0zMi1ieXRlcyE=",
    "PUBLIC_URL": "http://testserver",
    "MFA_ORIGINS": "https://testserver",  # no browser uses a passkey without TLS
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{HOME}/gatehouse.sqlite3",
    "REDIS_URL": os.environ.get("REDIS_URL", ""),
    "CELERY_BROKER_URL": "memory://",
    "CORS_ORIGINS": "https://app.example",
    "TRUSTED_PROXIES": "0",
    # Every test calls from one address, and the counters in Redis outlive a test.
    "RATE_LIMIT_SCALE": "1000",
    "ACCOUNTS_SIGN_IN_BY_MAIL": "true",
    "WEB_PUSH_PRIVATE_KEY": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
    "NOTIFICATIONS_PUSH_PROVIDERS": "file",
    "LIMITS_PRESSURE": "0",
    "LIMITS_REFUSALS_WRITTEN": "1000000",
}
os.environ.update(_ENVIRONMENT)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: tests of races open several connections.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
