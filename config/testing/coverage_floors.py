"""How much of the code the tests must reach, statements and branches together: the floor of all, and what has no gap.

What decides who gets in is covered whole: a branch of it that no test takes may be the one that says yes.
"""

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

OVERALL = 95.0
# As fnmatch has it: `*` reaches into folders too.
WHOLE = (
    "vault/*.py",
    "limits/*.py",
    "accounts/addresses.py",
    "accounts/admin_session.py",
    "accounts/api/authentication.py",
    "accounts/api/cookies.py",
    "accounts/api/throttles.py",
    "accounts/api/views/tokens.py",
    "accounts/authority.py",
    "accounts/breach_service.py",
    "accounts/breached.py",
    "accounts/callers.py",
    "accounts/codes.py",
    "accounts/decoys.py",
    "accounts/devices.py",
    "accounts/erasure.py",
    "accounts/fences.py",
    "accounts/foreign_hashes/*.py",
    "accounts/guessing.py",
    "accounts/handles.py",
    "accounts/hashers.py",
    "accounts/hashing.py",
    "accounts/impersonation.py",
    "accounts/invitations.py",
    "accounts/jws.py",
    "accounts/landings.py",
    "accounts/links.py",
    "accounts/lockouts.py",
    "accounts/login.py",
    "accounts/mail_limits.py",
    "accounts/models/links.py",
    "accounts/models/logins.py",
    "accounts/models/people.py",
    "accounts/models/sessions.py",
    "accounts/password_changes.py",
    "accounts/passwords.py",
    "accounts/pending.py",
    "accounts/phones.py",
    "accounts/reauthentication.py",
    "accounts/records.py",
    "accounts/refresh.py",
    "accounts/registration.py",
    "accounts/reuse.py",
    "accounts/reversals.py",
    "accounts/robots.py",
    "accounts/sessions.py",
    "accounts/sign_in_links.py",
    "accounts/sign_up.py",
    "accounts/stewardship.py",
    "accounts/stream_door.py",
    "accounts/tokens.py",
    "config/admin_only.py",
    "config/key_sources.py",
    "config/metrics.py",
    "config/policies.py",
    "kit/canonical.py",
    "kit/origin.py",
    "kit/otp.py",
    "kit/parsers.py",
    "kit/permissions.py",
    "mfa/api/views/challenge.py",
    "mfa/api/views/passkeys.py",
    "mfa/cbor.py",
    "mfa/ceremonies.py",
    "mfa/challenges.py",
    "mfa/checks.py",
    "mfa/credentials.py",
    "mfa/enrolment.py",
    "mfa/factors.py",
    "mfa/inventory.py",
    "mfa/login_step.py",
    "mfa/message_factors.py",
    "mfa/notices.py",
    "mfa/pages/*.py",
    "mfa/panels.py",
    "mfa/passkey_enrolment.py",
    "mfa/passkey_sign_ins.py",
    "mfa/passkeys.py",
    "mfa/pauses.py",
    "mfa/permissions.py",
    "mfa/policy.py",
    "mfa/proofs.py",
    "mfa/recovery.py",
    "mfa/removal.py",
    "mfa/resets.py",
    "mfa/setups.py",
    "mfa/totp.py",
    "mfa/trust.py",
    "notifications/api/callbacks.py",
    "notifications/callbacks/*.py",
    "roles/access_requests.py",
    "roles/as_code.py",
    "roles/backends.py",
    "roles/client_permissions.py",
    "roles/deciders.py",
    "roles/declarations.py",
    "roles/definitions.py",
    "roles/editing.py",
    "roles/edits.py",
    "roles/effective.py",
    "roles/endings.py",
    "roles/enquiries.py",
    "roles/grants.py",
    "roles/groups.py",
    "roles/guards.py",
    "roles/hierarchy.py",
    "roles/invitations.py",
    "roles/lineage.py",
    "roles/notation.py",
    "roles/people.py",
    "roles/placements.py",
    "roles/resources.py",
    "roles/rows.py",
    "roles/stamps.py",
    "roles/texts.py",
    "roles/vocabulary.py",
)


def find_breaches(report: Path) -> list[str]:
    """Return each floor that a report of `coverage json` is under, and where. Raises OSError without a report."""
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    overall = told["totals"]["percent_covered"]
    under = [f"all together: {overall:.2f} % < {OVERALL:.0f} %"] if overall < OVERALL else []
    gaps = {name: _gap(measured) for name, measured in sorted(told["files"].items()) if _is_whole(name)}
    unknown = [pattern for pattern in WHOLE if not any(fnmatch(name, pattern) for name in gaps)]
    return [
        *under,
        *(f"{name}: not reached: {gap}" for name, gap in gaps.items() if gap),
        *(f"{pattern}: nothing was measured under this name" for pattern in unknown),
    ]


def _is_whole(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in WHOLE)


def _gap(measured: dict[str, Any]) -> str:
    lines = [f"line {line}" for line in measured["missing_lines"]]
    branches = [f"branch {start}->{end}" for start, end in measured["missing_branches"]]
    return ", ".join(lines + branches)
