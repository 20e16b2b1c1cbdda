"""Django's settings, made of what an operator set (`config.variables`) and of how the house is put together.

DEBUG is never on: an error page with a trace is no help that a log line with a request id is not.
"""

import os
from typing import Any

from config import __version__, message_variables, variables
from config.environment import BASE_DIR
from config.guard_variables import *  # noqa: F403 - as below
from config.message_variables import *  # noqa: F403 - as below
from config.people_variables import *  # noqa: F403 - as below
from config.stream_variables import *  # noqa: F403 - as below
from config.variables import *  # noqa: F403 - what an operator sets is a setting of Django's by the same name
from kit import conf, logs

DEBUG = False

# Where we are

if variables.TRUSTED_PROXIES:
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
    "accounts.record_app.RecordConfig",
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

DATABASES = {"default": variables.DATABASE}
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
            "max_size": variables.DATABASE_POOL_SIZE,
            "timeout": 5,
            "max_idle": 300,
        },
        "connect_timeout": 5,
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if variables.REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": variables.REDIS_URL,
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery: the broker is a bell, the outbox in the database is the queue

EMBEDDED = variables.CELERY_BROKER_URL.startswith("memory://")
CELERY_BROKER_URL = "memory://localhost//" if EMBEDDED else variables.CELERY_BROKER_URL  # kombu warns without a host
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"polling_interval": 0.05}
    if EMBEDDED
    else {
        # Nothing is given back to the broker: a worker that loses its line with a task in hand dies of it (kombu 5.7).
        # Beat rings again in a second; what a killed worker held would come back after it has expired.
        "ack_emulation": False,
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
CELERY_WORKER_CONCURRENCY = variables.CELERY_CONCURRENCY
CELERY_TIMEZONE = "UTC"
# In memory: a file of beat's own could be torn by a kill, and every task bears being early, late or twice.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    # A tick that nobody took up in its time is dropped: the next one does its work.
    task: {"task": task, "schedule": float(seconds), "options": {"expires": max(seconds, 10)}}
    for task, seconds in {
        "notifications.sweep": 1,
        "notifications.tidy": 15,
        "notifications.purge": 600,
        "notifications.digest": 60,
        "notifications.forget": 900,
        "audit.seal": 10,
        "audit.flush_floods": 30,
        "accounts.erase_successors": 30,
        "accounts.purge": 600,
        "accounts.rotate_keys": 600,
        "accounts.erase": 600,
        "accounts.count_hash_forms": 3600,
        "limits.purge": 600,
        "mfa.purge": 600,
        "roles.end": 30,
        "house.watch": 60,
    }.items()
}

# People and their credentials

# More at once than there are cores gain nothing and keep others from them. Whoever waits holds a thread, of which eight
# are left for what hashes nothing; the others are enough for fifty people in one moment.
ACCOUNTS_HASHES_AT_ONCE = min(4, os.cpu_count() or 1)
ACCOUNTS_HASHES_WAITING = variables.WEB_THREADS - 8 - ACCOUNTS_HASHES_AT_ONCE

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ("roles.backends.RoleBackend",)
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]  # every other hash is read by accounts.foreign_hashes

AXES_ENABLE_ADMIN = False  # `accounts.admin.records` shows its rows, to be read alone

# The admin's session; nothing else has one

SESSION_COOKIE_NAME = "__Host-admin" if variables.PRODUCTION else "admin"
SESSION_COOKIE_SECURE = variables.PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-admin-csrf" if variables.PRODUCTION else "admin-csrf"
CSRF_COOKIE_SECURE = variables.PRODUCTION
CSRF_COOKIE_AGE = None  # as long as the browser is open
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [variables.PUBLIC_URL]
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
    "ENUM_NAME_OVERRIDES": {
        "ChannelEnum": "notifications.channels.Channel",
        "MessageStatusEnum": "notifications.api.message_shapes.STATUSES",
        "StateEnum": "config.health.STATES",
        "AccountStateEnum": "accounts.api.serializers.users.STATES",
        "OverallStateEnum": "config.health.OVERALL_STATES",
        "FactorMethodEnum": "mfa.policy.METHODS",
        "AskedMethodEnum": "mfa.api.serializers.challenge.ASKED_FOR",
        "SetupMethodEnum": "mfa.api.serializers.enrolment.ENROLLED_BY_CODE",
        "AccessRequestStateEnum": "roles.api.serializers.requests.STATES",
    },
    "PREPROCESSING_HOOKS": ["config.openapi.leave_out_aliases"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kit.openapi.add_problems",
        "config.openapi.introduce",
    ],
}

PAGE_PREFIXES = (
    "/admin/",
    "/verify-email",
    "/confirm-address",
    "/accept-invitation",
    "/reset-password",
    "/undo",
    "/unlock",
    "/keep-account",
    "/unsubscribe",
)  # their errors are pages, not problem documents
PATHS_WITH_SLASH = ("/admin/", "/static/")
BODY_LIMIT = conf.BODY_LIMIT
BODY_LIMITS_BY_PATH = dict.fromkeys(("/api/v1/notify/email", "/api/v1/notify/batch"), conf.LARGE_BODY_LIMIT)
DATA_UPLOAD_MAX_MEMORY_SIZE = conf.LARGE_BODY_LIMIT  # kit.middleware.BodyLimit is stricter, by path

CORS_ALLOWED_ORIGINS = [origin for origin in variables.CORS_ORIGINS if "*" not in origin]
CORS_ALLOW_CREDENTIALS = True  # the refresh cookie, which asks for a listed Origin besides
CORS_URLS_REGEX = r"^/(api/|\.well-known/|health)"
CORS_ALLOW_HEADERS = (
    *("authorization", "content-type", "idempotency-key", "x-request-id", "x-token-delivery"),
    *("if-none-match", "last-event-id"),
)
CORS_EXPOSE_HEADERS = (
    *("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"),
    *("X-Request-ID", "Idempotency-Replay", "ETag"),
)

# granian names itself unless the answer does; the empty name is as near to none as it lets us come.
SECURITY_HEADERS = {**conf.SECURITY_HEADERS, "Server": ""}
if variables.PRODUCTION:
    SECURITY_HEADERS["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 3600

# Mail

DEFAULT_FROM_EMAIL = SERVER_EMAIL = variables.EMAIL_FROM
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

# Second factors

MFA_POLICY = variables.SECOND_FACTOR
MFA_REQUIRED_FOR = "config.policies.needs_second_factor"

# The seams: what goes up goes by dotted path

ACCOUNTS_LOGIN_STEPS = ("mfa.login_step.SecondFactor",)
ADMIN_FRONT_PAGE = "config.admin_front.gather"
ACCOUNTS_USER_PANELS = ("mfa.panels.factors_of", "roles.panels.grants_of")
ACCOUNTS_ADMIN_SIGN_IN = ("mfa/sign_in_button.html",)
ACCOUNTS_FACTOR_RESET = "mfa.resets.reset"
ACCOUNTS_REQUEST_ANNOTATIONS = ("roles.stamps.of_user",)
ACCOUNTS_MAY_MANAGE = "roles.guards.may_manage"
ACCOUNTS_LAST_HOLDER = "roles.guards.last_holder_kept"
ACCOUNTS_INVITATION_GRANTS = "roles.invitations"
ACCOUNTS_EXPORTERS = (
    "accounts.personal_data.EXPORTER",
    "accounts.records.EXPORTER",
    "roles.personal_data.EXPORTER",
    "notifications.personal_data.EXPORTER",
    "audit.personal_data.EXPORTER",
    "mfa.personal_data.EXPORTER",
    "config.personal_data.EXPORTER",
)
# What leads to a person's rows elsewhere goes before her rows do.
ACCOUNTS_ERASERS = (
    "config.personal_data.ERASER",
    "notifications.personal_data.ERASER",
    "audit.personal_data.ERASER",
    "roles.personal_data.ERASER",
    "mfa.personal_data.ERASER",
    "accounts.records.ERASER",
    "accounts.erasure.ERASER",
)
ACCOUNTS_REVERSALS = {
    "factor_added": "mfa.notices.take_back",
    "recovery_codes_made": "mfa.notices.take_codes_back",
}
CURSOR_SEALER = "vault.opaque.Envelope"
VAULT_RECORDER = "audit.recording.record_use"
VAULT_LIMITER = "accounts.api.throttles.count_caller"
VAULT_KEY_HOLDERS = ("audit.key_uses.of", "accounts.key_uses.of")
ROLES_VOCABULARIES = (
    "accounts.permissions",
    "notifications.permissions",
    "audit.permissions",
    "roles.permissions",
    "vault.permissions",
)
ROLES_NOTICES = "roles.messages.tell"
NOTIFICATIONS_RECIPIENTS = "accounts.recipients.resolve"
NOTIFICATIONS_STAFF_PROOF = "config.staff_proof.require"
NOTIFICATIONS_KINDS = (
    "accounts.message_kinds",
    "mfa.message_kinds",
    "roles.message_kinds",
    "notifications.message_kinds",
    "config.message_kinds",
)
NOTIFICATIONS_STREAM_DOOR = "accounts.stream_door.Door"
PERMISSION_REFUSAL_RECORDER = "config.refusals.record_refusal"

# Limits by network address: at most so many in so many seconds. RATE_LIMIT_SCALE multiplies them.
LIMITS_BY_ADDRESS = {
    "register": (20, 3600),
    "verify-email": (60, 3600),
    "resend-verification": (20, 3600),
    "robot-challenge": (120, 3600),
    "confirm-address": (60, 3600),
    "accept-invitation": (60, 3600),
    "login": (60, 600),
    "login-by-device": (30, 600),  # of a known device, when its address has used up its own
    "refresh": (60, 60),  # of tokens that do not hold; those that do are not counted
    "bearer": (60, 60),  # as above
    "verify": (600, 60),
    "export": (20, 3600),
    "keep-account": (60, 3600),
    "password-reset-request": (20, 3600),
    "password-reset": (60, 3600),
    "undo": (60, 3600),
    "sign-in-link-request": (20, 3600),
    "sign-in-link": (60, 3600),
    "sign-in-code": (60, 600),
    "unlock": (60, 3600),
    "mfa-challenge": (60, 600),
    "mfa-challenge-send": (30, 600),
    "mfa-challenge-by-sign-in": (10, 600),  # of a sign-in under way, when its address has used up its own
    "mfa-challenge-send-by-sign-in": (10, 600),
    "mfa-setup": (60, 600),
    "mfa-verify": (60, 600),
    "passkey-options": (120, 600),
    "passkey": (60, 600),
    "callback": (60, 60),  # of providers' reports that nobody has signed; those that hold are not counted
    "encrypt-by-caller": (600, 60),  # of one who is signed in, wherever she calls from
    "decrypt-by-caller": (600, 60),
    "impersonate-by-caller": (20, 3600),
    "unsubscribe": (600, 60),  # mail programs unsubscribe their people from a few addresses
    "anything": (1200, 60),  # all calls of strangers together
}

# Words, times, logs

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]
LOGGING = logs.configure(variables.LOG_LEVEL)

message_variables.insist()
variables.insist()
