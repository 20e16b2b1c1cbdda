"""Setting up a second factor in the browser: an authenticator app or a passkey, and ten recovery codes with the first.

Who comes here is signed in to the admin; or must have a factor before that, and carries the challenge of a sign-in that
can do no more. A secret is shown once, in the answer to the button that had it made.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import View

from accounts import admin_session, fences
from accounts.reauthentication import ReauthenticationRequired
from kit.clock import utcnow
from kit.errors import Conflict, InvalidToken, NotAuthenticated, Refusal
from kit.permissions import Public
from kit.requests import origin_of
from mfa import enrolment, factors, policy, setups
from mfa.models import Totp
from mfa.pages import frame

OVER = "Setting up a second factor took too long. Begin again."
METHODS = (policy.WEBAUTHN, policy.TOTP)  # what staff set up here: codes by message are weaker
MAX_NAME = 64

Deed = Callable[[enrolment.Enrolling], HttpResponse]


class SetUpPage(View):
    """Where staff choose what to set up, and are shown the secret of an authenticator app."""

    permission_classes = [Public]
    route = "mfa-setup"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer what is taken from this person."""
        return guarded(request, lambda who: choices(request, who))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the secret of an app, and show it as a QR code and as text, with room for its first code."""
        return guarded(request, lambda who: _begin(request, who), route=self.route, method=policy.TOTP)


class ConfirmPage(View):
    """Where the first code of an authenticator app is typed in."""

    permission_classes = [Public]
    route = "mfa-verify"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the beginning: the secret is not shown again."""
        return frame.go(request, "second-factor-set-up")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Turn the app on by its first right code, and show the recovery codes that come with a first factor."""
        return guarded(request, lambda who: _confirm(request, who), route=self.route)


def guarded(request: HttpRequest, do: Deed, *, route: str = "", method: str = "") -> HttpResponse:
    """Do something for who sets up a factor, and has proved lately that it is her; lead others to where they can."""
    try:
        return do(who_enrols(request, route, method))
    except ReauthenticationRequired:
        return frame.prove_first(back="second-factor-set-up")
    except (NotAuthenticated, InvalidToken):
        return frame.begin_again(request, OVER)
    except Refusal as refusal:
        return frame.stuck(request, refusal)


def who_enrols(request: HttpRequest, route: str = "", method: str = "") -> enrolment.Enrolling:
    """Return who sets up a factor in this browser. Raises as `enrolment.who_enrols` and `enrolment.require_proof`."""
    now, origin = utcnow(), origin_of(request)
    if route:
        fences.hit(route=route, origin=origin, now=now)
    session = admin_session.find(request)
    challenge = "" if session else admin_session.challenge(request)
    who = enrolment.who_enrols(session=session, challenge=challenge, method=method, now=now)
    enrolment.require_proof(who=who, answer=factors.Answer(), now=now, origin=origin)
    return who


def choices(request: HttpRequest, who: enrolment.Enrolling, refusal: Refusal | None = None) -> HttpResponse:
    """Answer the page that offers what is taken from this person, and says why the last try failed."""
    methods = [method for method in METHODS if policy.allows(method, who.user)]
    return _page(request, who, "mfa/set_up.html", title="Set up a second factor", refusal=refusal, methods=methods)


def done(request: HttpRequest, who: enrolment.Enrolling, enrolled: enrolment.Enrolled) -> HttpResponse:
    """Show the recovery codes this once, where there are new ones, and lead on."""
    answer = _page(
        request, who, "mfa/enrolled.html", title="Your second factor is set up", codes=enrolled.recovery_codes
    )
    if who.session is None:
        admin_session.drop_challenge(answer)
    return answer


def name_in(request: HttpRequest) -> str:
    """Return what the person calls her factor, in one line."""
    name = request.POST.get("name", "").strip()[:MAX_NAME]
    return name if name.isprintable() else ""


def _begin(request: HttpRequest, who: enrolment.Enrolling) -> HttpResponse:
    try:
        offer = setups.begin_totp(
            who=who,
            proof=setups.Proof(answer=factors.Answer()),
            name=name_in(request),
            algorithm=Totp.Algorithm.SHA1,
            digits=6,
            now=utcnow(),
            origin=origin_of(request),
        )
    except Conflict as refusal:
        return choices(request, who, refusal)
    groups = [offer.secret[start : start + 4] for start in range(0, len(offer.secret), 4)]
    return _confirm_page(request, who, offer=offer, secret=groups)


def _confirm(request: HttpRequest, who: enrolment.Enrolling) -> HttpResponse:
    code = "".join(request.POST.get("code", "").split())
    try:
        enrolled = setups.verify(who=who, code=code, now=utcnow(), origin=origin_of(request))
    except Refusal as refusal:
        return _confirm_page(request, who, refusal)
    return done(request, who, enrolled)


def _confirm_page(
    request: HttpRequest, who: enrolment.Enrolling, refusal: Refusal | None = None, **context: Any
) -> HttpResponse:
    return _page(request, who, "mfa/confirm.html", title="Set up an authenticator app", refusal=refusal, **context)


def _page(
    request: HttpRequest,
    who: enrolment.Enrolling,
    template: str,
    *,
    title: str,
    refusal: Refusal | None = None,
    **context: Any,
) -> HttpResponse:
    return frame.show(request, template, title=title, refusal=refusal, must=who.session is None, **context)
