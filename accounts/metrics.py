"""What accounts counts: sign-ins, renewals of tokens, and the queue of passwords to be hashed."""

from accounts.models import Session
from kit.metrics import Counter, Durations, Level

SIGN_INS = Counter(
    "sign_ins_total",
    "Sign-ins by what came of them: `succeeded`; `step_due`, not there yet; all others were refused for that.",
    outcome=("succeeded", "step_due", "credentials", "locked", "stopped"),
    door=(Session.Door.API.value, Session.Door.ADMIN.value),
)
REFRESHES = Counter(
    "refreshes_total",
    "Refresh tokens shown, by verdict: `renewed`; `grace`, answered once more; all others were refused for that.",
    verdict=("renewed", "grace", "reused", "unknown", "expired", "ended"),
)
HASHES_WAITING = Level("hashing_waiting", "Requests that wait for their turn to hash a password.")
HASHES_RUNNING = Level("hashing_running", "Passwords being hashed.")
HASHES_REFUSED = Counter(
    "hashing_refused_total", "Requests told to come back: too many waited for their turn, or they had waited too long."
)
HASH_WAITS = Durations("hashing_wait_seconds", "How long a request waits for its turn to hash a password.")
BREACH_ENQUIRIES = Counter(
    "breach_enquiries_total",
    "Passwords asked of the service that knows breached ones: `unanswered` and `paused` were accepted all the same.",
    outcome=("breached", "clear", "unanswered", "paused"),
)
