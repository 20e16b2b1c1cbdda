"""The second factor as a step of every sign-in (`accounts.login.Step`), and as a proof asked for later.

Whoever has a factor is asked for it, whatever the policy says today; whoever must have one and has none is let in no
further than to set one up.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from accounts import guessing, reauthentication
from accounts.models import Device, User
from accounts.sessions import Proofs
from kit.origin import Origin
from mfa import factors, policy, trust


class SecondFactor:
    """The step that ACCOUNTS_LOGIN_STEPS names. `admin_page` is where staff complete it in the browser."""

    name = factors.FACTOR
    admin_page = "second-factor"

    def is_due(self, *, user: User, proofs: Proofs, device: Device | None, now: dt.datetime, origin: Origin) -> bool:
        """Say whether this sign-in needs a second factor. A trusted device excuses nobody from setting one up."""
        if factors.has_any(user):
            return not trust.is_trusted(device=device, user=user, origin=origin, now=now)
        return policy.requires(user)

    def methods(self, *, user: User) -> Sequence[str]:
        """Return how she can prove one, the strongest first; nothing where she has none that is taken here."""
        return factors.methods_of(user)

    def prove(
        self,
        *,
        user: User,
        code: str = "",
        credential: Mapping[str, Any] | None = None,
        device: Device | None,
        now: dt.datetime,
        origin: Origin,
    ) -> tuple[str, ...]:
        """Return what a signed-in person's code or passkey proves; nothing for a wrong one (see `reauthentication`)."""
        knock = guessing.Knock(door=reauthentication.DOOR, name=user.email, device=device, now=now, origin=origin)
        answer = factors.Answer(code=code)
        if credential:
            answer = factors.Answer(method=policy.WEBAUTHN, credential=dict(credential))
        return factors.prove(user=user, answer=answer, knock=knock, now=now)
