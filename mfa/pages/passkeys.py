"""Passkeys in the admin: what the script of a page asks for, and the forms that it fills in.

Options are answered as JSON to the page's own script, which sends the token of its form along.
"""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View

from accounts import admin_session, admin_site, fences
from accounts.models import Session, User
from kit.clock import utcnow
from kit.errors import Refusal
from kit.permissions import Public, SignedIn
from kit.requests import origin_of
from mfa import challenges, enrolment, passkey_enrolment, passkey_sign_ins, passkeys, policy
from mfa.pages import frame
from mfa.pages.enrolment import choices, done, guarded, name_in, who_enrols


class StepOptions(View):
    """What the browser is asked at the second step of a sign-in."""

    permission_classes = [Public]
    route = "mfa-challenge-send"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return options for `navigator.credentials.get`."""

        def ask() -> passkeys.Asked:
            now = utcnow()
            frame.hit_step(request, self.route)
            attempt = challenges.find(challenge=admin_session.challenge(request), door=Session.Door.ADMIN, now=now)
            return passkeys.begin_step(attempt=attempt, now=now)

        return _options(ask)


class ProofOptions(View):
    """What the browser is asked where somebody who is signed in proves again that it is her."""

    permission_classes = [SignedIn]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return options for `navigator.credentials.get`."""

        def ask() -> passkeys.Asked:
            return passkeys.begin_proof(user=cast("User", request.user), now=utcnow())

        return _options(ask)


class SetUpOptions(View):
    """What the browser is asked for a new passkey."""

    permission_classes = [Public]
    route = "mfa-setup"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return options for `navigator.credentials.create`."""

        def ask() -> passkeys.Asked:
            who = who_enrols(request, self.route, policy.WEBAUTHN)
            return passkey_enrolment.begin(who=who, now=utcnow(), origin=origin_of(request))

        return _options(ask)


class SetUpPage(View):
    """The form that a new passkey comes in."""

    permission_classes = [Public]
    route = "mfa-verify"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the choice of what to set up."""
        return frame.go(request, "second-factor-set-up")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the passkey, and show the recovery codes that come with a first factor."""

        def take(who: enrolment.Enrolling) -> HttpResponse:
            try:
                enrolled = passkey_enrolment.finish(
                    who=who,
                    credential=frame.credential_in(request),
                    name=name_in(request),
                    now=utcnow(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                return choices(request, who, refusal)
            return done(request, who, enrolled)

        return guarded(request, take, route=self.route, method=policy.WEBAUTHN)


class SignInOptions(View):
    """What the browser of a stranger is asked, who would sign in with a passkey alone."""

    permission_classes = [Public]
    route = "passkey-options"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return options for `navigator.credentials.get`; they name no passkey."""

        def ask() -> passkeys.Asked:
            now = utcnow()
            fences.hit(route=self.route, origin=origin_of(request), now=now)
            return passkey_sign_ins.begin(now=now)

        return _options(ask)


class SignInPage(View):
    """The form of the sign-in with a passkey alone: another way through the admin's door."""

    permission_classes = [Public]
    route = "passkey"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the sign-in."""
        return frame.go(request, "admin:login")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in, or say on the page of the sign-in that this passkey does not."""
        now, origin = utcnow(), origin_of(request)
        client = passkey_sign_ins.Client(door=Session.Door.ADMIN, device_token=admin_session.device_token(request))
        try:
            fences.hit(route=self.route, origin=origin, now=now)
            credential = frame.credential_in(request)
            result = passkey_sign_ins.complete(credential=credential, client=client, now=now, origin=origin)
        except Refusal as refusal:
            return frame.begin_again(request, frame.told(refusal))
        return admin_site.go_on(request, result)


def _options(ask: Callable[[], passkeys.Asked]) -> HttpResponse:
    try:
        return JsonResponse(ask().options)
    except Refusal as refusal:
        return frame.refused_json(refusal)
