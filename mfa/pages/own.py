"""What staff do with their own second factors in the admin: look at them, remove one, get new recovery codes.

Each change asks for a factor that was proved in this session a moment ago; where it was not, `ProofPage` asks for one.
"""

import uuid
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from accounts import admin_session, admin_site, reauthentication
from accounts.guessing import PASSWORD
from accounts.models import Session
from accounts.reauthentication import ReauthenticationRequired
from kit.clock import utcnow
from kit.errors import Conflict, Refusal
from kit.permissions import SignedIn
from kit.requests import origin_of
from mfa import challenges, factors, panels, policy, recovery, removal
from mfa.pages import frame

NONE_TAKEN = "None of your second factors is taken here any more. Ask those who run this service to reset them."


class FactorsPage(View):
    """What she has set up."""

    permission_classes = [SignedIn]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it; never a secret."""
        session = _session(request)
        return frame.show(
            request,
            "mfa/own.html",
            title="Your second factors",
            factors=panels.listed(session.user),
            codes_left=recovery.count_left(session.user),
            is_off=policy.is_off(),
        )


class RemovePage(View):
    """The button that removes one of them."""

    permission_classes = [SignedIn]

    def post(self, request: HttpRequest, factor_id: uuid.UUID) -> HttpResponse:
        """Remove it, and say so; or say why it stays."""
        session, now, origin = _session(request), utcnow(), origin_of(request)
        try:
            removal.remove(session=session, factor_id=factor_id, answer=factors.Answer(), now=now, origin=origin)
        except ReauthenticationRequired:
            return frame.prove_first(back="second-factors")
        except Refusal as refusal:
            messages.error(request, frame.told(refusal))
        else:
            messages.success(request, "The factor is removed. You are told by mail as well.")
        return frame.go(request, "second-factors")


class RecoveryCodesPage(View):
    """The button that makes ten new recovery codes."""

    permission_classes = [SignedIn]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show them this once; the older ones are good no more."""
        session, now, origin = _session(request), utcnow(), origin_of(request)
        try:
            codes = removal.renew_recovery_codes(session=session, answer=factors.Answer(), now=now, origin=origin)
        except ReauthenticationRequired:
            return frame.prove_first(back="second-factors")
        except Refusal as refusal:
            return frame.stuck(request, refusal)
        return frame.show(request, "mfa/enrolled.html", title="New recovery codes", codes=codes, renewed=True)


class ProofPage(View):
    """Where somebody who is signed in proves again that it is her: by a factor, or by the password without any."""

    permission_classes = [SignedIn]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one way to prove it, and lead to the others."""
        return _proof_page(request, request.GET.get("method", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the proof, and lead to what asked for it."""
        session, now, origin = _session(request), utcnow(), origin_of(request)
        try:
            if request.POST.get("method") == PASSWORD:
                given = request.POST.get(PASSWORD, "")
                reauthentication.prove(session=session, password=given, now=now, origin=origin)
            else:
                answer = frame.answer_in(request)
                factors.refuse_malformed(answer)
                reauthentication.prove(
                    session=session, code=answer.code, credential=answer.credential, now=now, origin=origin
                )
        except Refusal as refusal:
            return _proof_page(request, request.POST.get("method", ""), refusal)
        return HttpResponseRedirect(admin_site.next_page(request))


class ProofSendPage(View):
    """The button that sends a code for that."""

    permission_classes = [SignedIn]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send it to the contact that she has confirmed."""
        session, method = _session(request), request.POST.get("method", "")
        try:
            challenges.send_to(user=session.user, method=method, now=utcnow(), origin=origin_of(request))
        except Refusal as refusal:
            return _proof_page(request, method, refusal)
        return frame.go(request, "second-factor-proof", method=method, sent="1")


def _session(request: HttpRequest) -> Session:
    """Return the session of who is signed in; the admin's own check lets nobody else come here."""
    return cast("Session", admin_session.find(request))


def _proof_page(request: HttpRequest, wanted: str, refusal: Refusal | None = None) -> HttpResponse:
    user = _session(request).user
    methods = factors.methods_of(user)
    if not methods and factors.has_any(user):
        return frame.stuck(request, Conflict(NONE_TAKEN))
    return frame.step(
        request,
        methods=methods or [PASSWORD],
        wanted=wanted,
        refusal=refusal,
        title="Prove that it is you",
        back="second-factors",
        here="second-factor-proof",
        send="second-factor-proof-send",
        options="second-factor-proof-options",
    )
