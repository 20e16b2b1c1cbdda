"""Django's settings, put together from the environment. `docs/configuration.md` says what an operator may set.

DEBUG is never on: an error page with a trace is no help that a log line with a request id is not.
"""

from typing import Any
from urllib.parse import urlsplit

from config import __version__
from config.environment import BASE_DIR, Environment, Maker, VaultKeys
from kit import conf, logs

env = Environment()

PRODUCTION = env.production
DEBUG = False
GATEHOUSE_HOME = env.home
PORT = env.number("PORT", 8000, least=1, most=65535)
HOST = env.text("HOST", "127.0.0.1")

SECRET_KEY = env.secret("SECRET_KEY", Maker())
VAULT_KEYS = env.secret("VAULT_KEYS", VaultKeys())

# Where we are

PUBLIC_URL = env.url("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
_public = urlsplit(PUBLIC_URL)
_local = ("127.0.0.1", "localhost", "[::1]")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", (_public.hostname or "", *(() if PRODUCTION else _local)))
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, most=10)
CORS_ORIGINS = env.listing("CORS_ORIGINS")
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

ROOT_URLCONF = "config.urls"
APPEND_SLASH = False  # kit.middleware.OnePath answers both spellings

INSTALLED_APPS = [
    "config.apps.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "vault",
    "limits",
    "audit",
    "notifications",
    "accounts",
    "mfa",
    "roles",
    "config.apps.HouseConfig",
]

MIDDLEWARE = [
    "kit.middleware.RequestContext",
    "kit.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kit.middleware.OnePath",
    "corsheaders.middleware.CorsMiddleware",
    "kit.middleware.BodyLimit",
    "config.admin_only.SessionMiddleware",
    "config.admin_only.CsrfViewMiddleware",
    "accounts.admin_session.AdminSessionMiddleware",
    "config.admin_only.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Data

DATABASES = {"default": env.database()}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # FULL, not NORMAL: a 202 must survive a power cut. IMMEDIATE: a writer waits instead of failing half-way.
    _database["CONN_MAX_AGE"] = None  # a thread keeps its connection
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
else:
    _database["CONN_MAX_AGE"] = 0  # the pool keeps connections
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {
            "min_size": 1,
            "max_size": env.number("DATABASE_POOL_SIZE", 12, least=1, most=500),
            "timeout": 5,
            "max_idle": 300,
        },
        "connect_timeout": 5,
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery: the broker is a bell, the outbox in the database is the queue

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "memory://")
EMBEDDED = CELERY_BROKER_URL.startswith("memory://")
if EMBEDDED:
    CELERY_BROKER_URL = "memory://localhost//"  # kombu warns where there is no host
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"polling_interval": 0.05}
    if EMBEDDED
    else {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 2,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
    }
)
if CELERY_BROKER_URL.startswith(("amqp", "pyamqp")):
    # RabbitMQ gives a killed worker's tasks back at once from a quorum queue; only those take late delivery counts.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
CELERY_TASK_DEFAULT_QUEUE = "gatehouse"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # a bell that does not ring is rung again by the sweeper
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not EMBEDDED
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.number("CELERY_CONCURRENCY", 4, least=1, most=64)
CELERY_TIMEZONE = "UTC"
# In memory: a file of beat's own could be torn by a kill, and every task bears being early, late or twice.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    # A tick that nobody took up in its time is dropped: the next one does its work.
    task: {"task": task, "schedule": float(seconds), "options": {"expires": max(seconds, 10)}}
    for task, seconds in {
        "notifications.sweep": 1,
        "notifications.purge": 600,
        "audit.seal": 10,
        "audit.flush_floods": 30,
        "accounts.erase_successors": 30,
        "accounts.purge": 600,
        "limits.purge": 600,
    }.items()
}

# People and their credentials

AUTH_USER_MODEL = "accounts.User"
ACCOUNTS_ACCESS_LIFETIME = env.number("ACCOUNTS_ACCESS_LIFETIME", 30 * 60, least=60, most=24 * 3600)
ACCOUNTS_REFRESH_LIFETIME = env.number("ACCOUNTS_REFRESH_LIFETIME", 7 * 24 * 3600, least=3600, most=365 * 24 * 3600)
ACCOUNTS_PASSWORD_POLICY = env.choice("ACCOUNTS_PASSWORD_POLICY", ("balanced", "nist"))
AUTHENTICATION_BACKENDS = ("roles.backends.RoleBackend",)
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]

# The admin's session; nothing else has one

SESSION_COOKIE_NAME = "__Host-admin" if PRODUCTION else "admin"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-admin-csrf" if PRODUCTION else "admin-csrf"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_AGE = None  # as long as the browser is open
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "kit.problems.csrf_failure"
LOGIN_URL = "admin:login"

# Requests and answers

REST_FRAMEWORK = {
    **conf.REST_FRAMEWORK,
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Gatehouse",
    "DESCRIPTION": "Accounts, second factors, roles and notifications for a company's applications.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "PREPROCESSING_HOOKS": ["config.openapi.leave_out_aliases"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kit.openapi.add_problems",
    ],
}

PAGE_PREFIXES = ("/admin/", "/verify-email")  # their errors are pages, not problem documents
PATHS_WITH_SLASH = ("/admin/", "/static/")
BODY_LIMIT = conf.BODY_LIMIT
BODY_LIMITS_BY_PATH = dict.fromkeys(("/api/v1/notify/email", "/api/v1/notify/batch"), conf.LARGE_BODY_LIMIT)
DATA_UPLOAD_MAX_MEMORY_SIZE = conf.LARGE_BODY_LIMIT  # kit.middleware.BodyLimit is stricter, by path

CORS_ALLOWED_ORIGINS = [origin for origin in CORS_ORIGINS if "*" not in origin]
CORS_ALLOW_CREDENTIALS = True  # the refresh cookie, which asks for a listed Origin besides
CORS_URLS_REGEX = r"^/(api/|\.well-known/|health)"
CORS_ALLOW_HEADERS = ("authorization", "content-type", "idempotency-key", "x-request-id", "x-token-delivery")
CORS_EXPOSE_HEADERS = (
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "RateLimit-Policy",
    "X-Request-ID",
    "Idempotency-Replay",
)

# granian names itself unless the answer does; the empty name is as near to none as it lets us come.
SECURITY_HEADERS = {**conf.SECURITY_HEADERS, "Server": ""}
if PRODUCTION:
    SECURITY_HEADERS["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 3600

DOCS_OPEN = env.flag("DOCS_OPEN", default=not PRODUCTION)

# Mail

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=not EMAIL_USE_SSL)
EMAIL_PORT = env.number("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 15, least=1, most=300)
EMAIL_FROM = env.text("EMAIL_FROM", f"Gatehouse <no-reply@{_public.hostname or 'localhost'}>")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = EMAIL_FROM
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

# The seams: what goes up goes by dotted path

ACCOUNTS_REQUEST_ANNOTATIONS = ("roles.stamps.of_user",)
ROLES_VOCABULARIES = ("accounts.permissions", "notifications.permissions", "audit.permissions", "roles.permissions")
NOTIFICATIONS_KINDS = ("accounts.message_kinds",)
NOTIFICATIONS_EMAIL_PROVIDERS = ["smtp"] if EMAIL_HOST else ["file"]
PERMISSION_REFUSAL_RECORDER = "config.refusals.record_refusal"

# Limits by network address: at most so many in so many seconds. RATE_LIMIT_SCALE multiplies them.
RATE_LIMIT_SCALE = env.factor("RATE_LIMIT_SCALE", 1)
LIMITS_BY_ADDRESS = {
    "register": (20, 3600),
    "verify-email": (60, 3600),
    "resend-verification": (20, 3600),
    "login": (60, 600),
    "verify": (600, 60),
}

# Words, times, logs

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LOG_LEVEL = env.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"))
LOGGING = logs.configure(LOG_LEVEL)

if PRODUCTION:
    if "*" in ALLOWED_HOSTS or any(host.startswith(".") for host in ALLOWED_HOSTS):
        env.refuse("ALLOWED_HOSTS", "must name each host; a wildcard lets anybody choose the host of a request")
    if len(CORS_ALLOWED_ORIGINS) != len(CORS_ORIGINS):
        env.refuse("CORS_ORIGINS", "must name each origin; a wildcard lets every site read answers")
    if _public.scheme != "https":
        env.refuse("PUBLIC_URL", "must begin with https:// in production")
    if not EMAIL_HOST:
        env.refuse("EMAIL_HOST", "is missing: production needs a mail provider")
    elif not (EMAIL_USE_TLS or EMAIL_USE_SSL) and EMAIL_HOST not in {"localhost", "127.0.0.1", "::1"}:
        env.refuse("EMAIL_USE_TLS", "must be on: mail never leaves this machine unencrypted")
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    env.refuse("EMAIL_USE_TLS", "and EMAIL_USE_SSL cannot both be on")
env.stop_if_refused()
