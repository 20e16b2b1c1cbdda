"""The second step of a sign-in to the admin: the same function, counters and records as the API's, then a session."""

from django.http import HttpRequest, HttpResponse
from django.views import View

from accounts import admin_session, admin_site, login
from accounts.models import LoginAttempt, Session
from kit.clock import utcnow
from kit.errors import InvalidToken, Refusal
from kit.permissions import Public
from kit.requests import origin_of
from mfa import challenges, conf, factors
from mfa.pages import frame

DAY = 24 * 3600


class SecondFactorPage(View):
    """Where staff prove their second factor. The challenge is in this browser's cookie, never in a page."""

    permission_classes = [Public]
    route = "mfa-challenge"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one way to prove it, the strongest unless `method` says which, and lead to the others."""
        try:
            attempt = _attempt(request)
        except InvalidToken:
            return _enrol_or_begin_again(request)
        return _page(request, attempt, wanted=request.GET.get("method", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take an answer: the browser is signed in, or told why not."""
        now, origin = utcnow(), origin_of(request)
        try:
            attempt = _attempt(request)
            frame.hit_step(request, self.route)
            result = challenges.answer(
                challenge=admin_session.challenge(request),
                given=frame.answer_in(request),
                trust_device="trust" in request.POST,
                door=Session.Door.ADMIN,
                now=now,
                origin=origin,
            )
        except InvalidToken:
            return frame.begin_again(request)
        except login.InvalidCredentials as refusal:
            return _wrong(request, attempt, refusal)
        except Refusal as refusal:
            return _page(request, attempt, wanted=request.POST.get("method", ""), refusal=refusal)
        return admin_site.go_on(request, result)


class SendPage(View):
    """The button that sends a code to a contact which the person has confirmed."""

    permission_classes = [Public]
    route = "mfa-challenge-send"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send it, and show where it is typed in."""
        now, origin, method = utcnow(), origin_of(request), request.POST.get("method", "")
        try:
            attempt = _attempt(request)
            frame.hit_step(request, self.route)
            challenges.send(
                challenge=admin_session.challenge(request),
                method=method,
                door=Session.Door.ADMIN,
                now=now,
                origin=origin,
            )
        except InvalidToken:
            return frame.begin_again(request)
        except Refusal as refusal:
            return _page(request, attempt, wanted=method, refusal=refusal)
        return frame.go(request, "second-factor", method=method, sent="1")


def _attempt(request: HttpRequest) -> LoginAttempt:
    """Return the sign-in under way in this browser. Raises `InvalidToken`."""
    return challenges.find(challenge=admin_session.challenge(request), door=Session.Door.ADMIN, now=utcnow())


def _enrol_or_begin_again(request: HttpRequest) -> HttpResponse:
    """Lead on whoever must set up a factor first, and everybody else back to the password."""
    challenge = admin_session.challenge(request)
    try:
        login.find_attempt(challenge=challenge, step=factors.FACTOR, enrols=True, now=utcnow())
    except InvalidToken:
        return frame.begin_again(request)
    return frame.go(request, "second-factor-set-up")


def _wrong(request: HttpRequest, attempt: LoginAttempt, refusal: Refusal) -> HttpResponse:
    """Ask again, or lead back to the password after the last answer that this challenge takes."""
    if not LoginAttempt.objects.filter(pk=attempt.pk, tries__lt=login.ANSWERS).exists():
        return frame.begin_again(request)
    return _page(request, attempt, wanted=request.POST.get("method", ""), refusal=refusal)


def _page(request: HttpRequest, attempt: LoginAttempt, *, wanted: str, refusal: Refusal | None = None) -> HttpResponse:
    return frame.step(
        request,
        methods=factors.methods_of(attempt.user),
        wanted=wanted,
        refusal=refusal,
        title="Second step",
        here="second-factor",
        send="second-factor-send",
        options="second-factor-options",
        trusted_days=conf.trusted_for() // DAY,
    )
