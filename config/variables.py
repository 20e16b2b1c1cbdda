"""What an operator may set, read once from the environment, and what production insists on.

`docs/configuration.md` is made of this module: run `make docs` after a change. Names in capitals are settings of Django
as well (`config.settings` takes them over); what follows from them alone is not here but there.
"""

from urllib.parse import urlsplit

from config import key_sources, web_process
from config.environment import Environment, Maker, VaultKeys

env = Environment()

PRODUCTION = env.production
GATEHOUSE_HOME = env.home
HOST, PORT = web_process.host_and_port(env)

PUBLIC_URL = env.url(
    "PUBLIC_URL",
    f"http://127.0.0.1:{PORT}",
    unset="`http://127.0.0.1:` and `PORT`",
    meaning="Where people reach the service; every link in a mail begins with it.",
)
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
SECRET_KEY = env.secret("SECRET_KEY", Maker(), meaning="Signs Django's cookies and forms in the admin.")
VAULT_KEYS = env.secret(
    "VAULT_KEYS",
    VaultKeys(),
    given=key_sources.fetched(env),
    meaning="Everything sealed is sealed under these: the active key first, older ones behind it, one that waits to "
    "become active in front with a `+`. From a file (`VAULT_KEYS_FILE`) they are read again when it changes. "
    "Losing them loses what is sealed ([operations](operations.md#keys)).",
)
VAULT_KEYS_FILE = key_sources.watched_file()
ALLOWED_HOSTS = env.listing(
    "ALLOWED_HOSTS",
    (PUBLIC_HOST, *(() if PRODUCTION else ("127.0.0.1", "localhost", "[::1]"))),
    unset="the host of `PUBLIC_URL`; in development this machine too",
    meaning="Host headers that are answered.",
)
CORS_ORIGINS = env.listing("CORS_ORIGINS", meaning="Origins of browser applications that may read answers.")
TRUSTED_PROXIES = env.number(
    "TRUSTED_PROXIES",
    0,
    most=10,
    meaning="How many proxies of yours stand in front and append to `X-Forwarded-For` "
    "([operations](operations.md#proxies)).",
)
RATE_LIMIT_SCALE = env.factor("RATE_LIMIT_SCALE", 1, meaning="Multiplies the limits counted by network address alone.")
DOCS_OPEN = env.flag(
    "DOCS_OPEN",
    default=not PRODUCTION,
    unset="`true` in development, `false` in production",
    meaning="Whether `/api/v1/docs` and `/api/v1/schema` answer.",
)
LOG_LEVEL = env.choice(
    "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"), meaning="What is logged, from this level up."
)

env.section("Servers")

WEB_THREADS = web_process.threads(env)
DATABASE = env.database("DATABASE_URL", meaning="The database. Percent-encode `#`, `/` and `@` in a password.")
DATABASE_POOL_SIZE = env.number(
    "DATABASE_POOL_SIZE",
    12,
    least=1,
    most=500,
    meaning="Connections to PostgreSQL that one process keeps at most.",
)
REDIS_URL = env.text(
    "REDIS_URL",
    meaning="Where network addresses are counted and Django's cache lies; without it, in the database and in memory.",
)
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL",
    "memory://",
    meaning="`redis://…` or `amqp://…`. In memory, worker and beat run inside `make run` and nowhere else.",
)
CELERY_CONCURRENCY = env.number(
    "CELERY_CONCURRENCY", 4, least=1, most=64, meaning="Tasks at a time in one worker process."
)

env.section("People")

ACCOUNTS_ACCESS_LIFETIME = env.number(
    "ACCOUNTS_ACCESS_LIFETIME", 30 * 60, least=60, most=24 * 3600, meaning="Seconds that an access token is good for."
)
ACCOUNTS_REFRESH_LIFETIME = env.number(
    "ACCOUNTS_REFRESH_LIFETIME",
    7 * 24 * 3600,
    least=3600,
    most=365 * 24 * 3600,
    meaning="Seconds that an unused refresh token is good for.",
)
ACCOUNTS_SESSION_LIFETIME = env.number(
    "ACCOUNTS_SESSION_LIFETIME",
    30 * 24 * 3600,
    least=3600,
    most=10 * 365 * 24 * 3600,
    meaning="Seconds until the absolute end of a session, however often it is refreshed.",
)
ACCOUNTS_SESSION_IDLE = env.number(
    "ACCOUNTS_SESSION_IDLE",
    7 * 24 * 3600,
    least=600,
    meaning="Seconds after which an unused session is over. Use is written down every five minutes, so up to five "
    "minutes fewer.",
)
ACCOUNTS_STAFF_SESSION_LIFETIME = env.number(
    "ACCOUNTS_STAFF_SESSION_LIFETIME",
    12 * 3600,
    least=600,
    meaning="The absolute end of a session of staff, where that is sooner.",
)
ACCOUNTS_STAFF_SESSION_IDLE = env.number(
    "ACCOUNTS_STAFF_SESSION_IDLE",
    3600,
    least=600,
    meaning="When an unused session of staff is over, where that is sooner.",
)
ACCOUNTS_SESSIONS_AT_ONCE = env.number(
    "ACCOUNTS_SESSIONS_AT_ONCE",
    100,
    most=100,
    meaning="How many live sessions one person has at most; the oldest ends. `0`: any number.",
)
ACCOUNTS_ENDED_SESSIONS_KEPT = env.number(
    "ACCOUNTS_ENDED_SESSIONS_KEPT",
    90 * 24 * 3600,
    meaning="Seconds that a session is kept after its end, for its owner to look at.",
)
ACCOUNTS_DEVICES_KEPT = env.number(
    "ACCOUNTS_DEVICES_KEPT",
    365 * 24 * 3600,
    meaning="Seconds after the last sign-in from a device until it counts as a new one.",
)
GEOIP_PATH = env.text(
    "GEOIP_PATH",
    meaning="A MaxMind database of cities or countries (`.mmdb`), by which sessions say where they are. A newer file "
    "in its place is taken up by itself. Without it no place is told.",
)
ACCOUNTS_PASSWORD_POLICY = env.choice(
    "ACCOUNTS_PASSWORD_POLICY",
    ("balanced", "nist"),
    meaning="`balanced`: 8 characters of four classes, or 15 of any. `nist`: 15, no classes.",
)
ACCOUNTS_BREACHED_LIST = env.text(
    "ACCOUNTS_BREACHED_LIST",
    meaning="Path of a list of breached passwords ([operations](operations.md#breached-passwords)). "
    "The 20,000 most common ones are refused without it.",
)
ACCOUNTS_BREACHED_SERVICE = env.text(
    "ACCOUNTS_BREACHED_SERVICE",
    meaning="Address of a service that knows breached passwords and learns five characters of a digest, such as "
    "`https://api.pwnedpasswords.com` or your own copy. Nobody is asked without it.",
)
ACCOUNTS_SIGN_UP = env.choice(
    "ACCOUNTS_SIGN_UP",
    ("open", "invitation", "closed"),
    meaning="Who may ask for an account: anybody; those whom staff invite; nobody (people come by the command line).",
)
ACCOUNTS_INVITATION_LIFETIME = env.number(
    "ACCOUNTS_INVITATION_LIFETIME",
    7 * 24 * 3600,
    least=3600,
    most=90 * 24 * 3600,
    meaning="Seconds that an invitation is good for.",
)
ACCOUNTS_SIGN_IN_BY_MAIL = env.flag(
    "ACCOUNTS_SIGN_IN_BY_MAIL",
    default=False,
    meaning="Whether a code or link by mail signs a person in without her password. A second factor stays due.",
)
ACCOUNTS_LINK_URLS = env.listing(
    "ACCOUNTS_LINK_URLS",
    meaning="Where links in mails may lead when a client asks for its own page (`link_url`): origins with a path, such "
    "as `https://app.example.com/account`; what lies below is allowed too. Without it, to pages of this service alone.",
)
ACCOUNTS_ROBOT_CHALLENGE = env.choice(
    "ACCOUNTS_ROBOT_CHALLENGE",
    ("off", "proof-of-work"),
    meaning="Whether asking for an account, and a sign-in after many failures, costs a client some work "
    "([robots](robots.md)).",
)
ACCOUNTS_ROBOT_DIFFICULTY = env.number(
    "ACCOUNTS_ROBOT_DIFFICULTY",
    16,
    least=1,
    most=30,
    meaning="How much work: each more doubles it. 16 is a second or two of a browser's time.",
)

ACCOUNTS_ERASURE_GRACE = env.number(
    "ACCOUNTS_ERASURE_GRACE",
    30 * 24 * 3600,
    least=24 * 3600,
    most=365 * 24 * 3600,
    meaning="Seconds for which a deleted account can be brought back before it is erased.",
)

env.section("Second factors", "Who must have one, and which are taken: [second factors](second-factors.md).")

SECOND_FACTOR = env.choice(
    "SECOND_FACTOR",
    ("optional", "required", "off"),
    meaning="`required`: nobody whom `SECOND_FACTOR_FOR` names signs in without one. `off`: nobody sets one up; who "
    "has one is still asked for it.",
)
SECOND_FACTOR_FOR = env.listing(
    "SECOND_FACTOR_FOR",
    ("all",),
    meaning="Who must have one where it is `required`: `all`, `staff`, and names of roles, wherever they were given.",
)
MFA_PROFILE = env.choice(
    "MFA_PROFILE",
    ("standard", "strict"),
    meaning="`strict`: no codes by message, no trusted devices, codes of this half minute alone, passkeys that verify "
    "their user, and of staff nothing but a passkey.",
)
MFA_TRUSTED_FOR = env.number(
    "MFA_TRUSTED_FOR",
    30 * 24 * 3600,
    most=365 * 24 * 3600,
    meaning="Seconds that no second factor is asked for on a device that its person trusts. `0`: none is trusted.",
)
MFA_TOTP_DRIFT = env.number(
    "MFA_TOTP_DRIFT",
    1,
    most=2,
    meaning="Steps of 30 seconds by which the clock of an authenticator application may be early or late.",
)
MFA_ISSUER = env.text("MFA_ISSUER", "Gatehouse", meaning="What an authenticator application calls this service.")
MFA_RP_ID = env.text(
    "MFA_RP_ID",
    unset="the host of `PUBLIC_URL`",
    meaning="The domain that passkeys are made for: that of the pages they are used on, or one above it. Changing it "
    "makes every passkey that there is useless.",
)
MFA_ORIGINS = env.listing(
    "MFA_ORIGINS",
    unset="`PUBLIC_URL`",
    meaning="Origins of the pages on which passkeys are used, such as `https://app.example.com`: of that domain or "
    "below it. Of an Android application `android:apk-key-hash:…`.",
)

env.section("Roles")

ROLES_REQUEST_DAYS = env.number(
    "ROLES_REQUEST_DAYS",
    7,
    least=1,
    most=90,
    meaning="Days that a request for a role waits for somebody to decide before it lapses.",
)
ROLES_REQUESTS_A_DAY = env.number(
    "ROLES_REQUESTS_A_DAY",
    20,
    least=1,
    most=1000,
    meaning="How many roles one person may ask for in 24 hours. Each is mailed to up to 20 people who may decide.",
)
ROLES_TELL_OF_GRANTS = env.flag(
    "ROLES_TELL_OF_GRANTS",
    default=True,
    meaning="Whether people are told by mail when staff give them a role or take it back, and when one ends.",
)

env.section("Signing keys", "Of access tokens. How they take turns: [operations](operations.md#signing-keys).")

VAULT_SIGNING_ALGORITHM = env.choice(
    "VAULT_SIGNING_ALGORITHM",
    ("ES256", "EdDSA"),
    meaning="What keys are made for from now on. The key that signs changes with the second rotation after this.",
)
VAULT_SIGNING_KEY_LIFETIME = env.number(
    "VAULT_SIGNING_KEY_LIFETIME",
    30 * 24 * 3600,
    meaning="Seconds that a key signs before the next one takes over. `0`: until `accounts_rotate_keys`.",
)
VAULT_RETIRED_KEYS_KEPT = env.number(
    "VAULT_RETIRED_KEYS_KEPT",
    24 * 3600,
    least=60,
    meaning="Seconds that a retired key still verifies. More than `ACCOUNTS_ACCESS_LIFETIME`.",
)

ACCOUNTS_REFUSALS_KEPT = env.number(
    "ACCOUNTS_REFUSALS_KEPT",
    30 * 24 * 3600,
    least=3600,
    most=366 * 24 * 3600,
    meaning="Seconds that the record of refused sign-ins is kept which staff see; names that nobody holds: a day.",
)
LIMITS_PRESSURE = env.number(
    "LIMITS_PRESSURE",
    500,
    most=1_000_000,
    meaning="Wrong passwords of all people together in five minutes, beyond which staff are told and strangers are "
    "asked for more than a password. `0`: never.",
)
LIMITS_REFUSALS_WRITTEN = env.number(
    "LIMITS_REFUSALS_WRITTEN",
    300,
    least=20,
    most=1_000_000,
    meaning="Refused sign-ins of a minute that are written down one by one; the others are counted.",
)

env.section("Mail", "Without `EMAIL_HOST` every mail becomes a file under `GATEHOUSE_HOME/mail`, in development only.")

EMAIL_HOST = env.text("EMAIL_HOST", meaning="The SMTP server.")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False, meaning="TLS from the first byte.")
EMAIL_USE_TLS = env.flag(
    "EMAIL_USE_TLS",
    default=not EMAIL_USE_SSL,
    unset="`true`, unless `EMAIL_USE_SSL` is on",
    meaning="STARTTLS. Not together with `EMAIL_USE_SSL`.",
)
EMAIL_PORT = env.number(
    "EMAIL_PORT",
    465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25,
    least=1,
    most=65535,
    unset="`587`; `465` with `EMAIL_USE_SSL`, `25` without TLS",
    meaning="Its port.",
)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", meaning="The name that the server asks for.")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", meaning="The password that the server asks for.")
EMAIL_FROM = env.text(
    "EMAIL_FROM",
    f"Gatehouse <no-reply@{PUBLIC_HOST}>",
    unset="`Gatehouse <no-reply@…>` at the host of `PUBLIC_URL`",
    meaning="Whom every mail is from.",
)
EMAIL_TIMEOUT = env.number(
    "EMAIL_TIMEOUT", 15, least=1, most=300, meaning="Seconds that one step of talking to the server may take."
)

env.section("Watching", "How to read `/metrics` and what is in it: [metrics](metrics.md).")

METRICS_TOKEN = env.text(
    "METRICS_TOKEN", meaning="Whoever sends this as a Bearer token may read `/metrics`. At least 32 random characters."
)
METRICS_ADDRESSES = env.networks(
    "METRICS_ADDRESSES",
    meaning="Addresses and networks (`10.1.0.0/16`) that may read `/metrics` without the token. With neither, nobody.",
)
ALERTS_FACTOR = env.factor(
    "ALERTS_FACTOR",
    3,
    meaning="Staff are told by mail when refusals or failures of one cause come this many times as often in ten "
    "minutes as in the hour before them.",
)
ALERTS_LEAST = env.number(
    "ALERTS_LEAST",
    30,
    most=1_000_000,
    meaning="How many of them in ten minutes are worth a mail at all. `0`: no such mail is sent.",
)


def insist() -> None:
    """End the process, one line for each setting that cannot be accepted; production accepts nothing unsafe."""
    if PRODUCTION:
        _insist_on_names()
        if METRICS_TOKEN and (weakness := Maker().weakness(METRICS_TOKEN)):
            env.refuse("METRICS_TOKEN", f"{weakness}. Make one with: {Maker.recipe}")
    if EMAIL_USE_TLS and EMAIL_USE_SSL:
        env.refuse("EMAIL_USE_TLS", "and EMAIL_USE_SSL cannot both be on")
    env.stop_if_refused()


def _insist_on_names() -> None:
    if "*" in ALLOWED_HOSTS or any(host.startswith(".") for host in ALLOWED_HOSTS):
        env.refuse("ALLOWED_HOSTS", "must name each host; a wildcard lets anybody choose the host of a request")
    if any("*" in origin for origin in CORS_ORIGINS):
        env.refuse("CORS_ORIGINS", "must name each origin; a wildcard lets every site read answers")
    if urlsplit(PUBLIC_URL).scheme != "https":
        env.refuse("PUBLIC_URL", "must begin with https:// in production")
