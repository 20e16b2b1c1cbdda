"""What the pages of second factors have in common: the admin's frame, what their forms give, and how refusals are told.

They stand under the admin's address, so that its cookies, its CSRF check and its content policy are theirs as well.
"""

import json
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import admin_session, admin_site, fences
from kit.clock import utcnow
from kit.errors import Delayed, Invalid, Refusal
from kit.problems import STATUS_OF_CODE
from kit.requests import origin_of
from mfa import factors, policy

LABELS = {
    policy.WEBAUTHN: "Passkey",
    policy.TOTP: "Authenticator app",
    "telegram": "Code by Telegram",
    "whatsapp": "Code by WhatsApp",
    "sms": "Code by SMS",
    "email": "Code by mail",
    policy.RECOVERY: "Recovery code",
}
SENT = "A code is on its way. It is good for ten minutes."
OVER = "This sign-in took too long, or was tried too often. Begin again."


def show(
    request: HttpRequest, template: str, *, title: str, refusal: Refusal | None = None, **context: Any
) -> HttpResponse:
    """Answer a page in the admin's frame, which says why something was refused, and remembers where to go after it."""
    request.current_app = admin.site.name
    shared = {"title": title, "next_field": REDIRECT_FIELD_NAME, "next": admin_site.next_page(request)}
    shared["why"] = told(refusal) if refusal else ""
    status = status_of(refusal) if refusal else HTTPStatus.OK
    return render(request, template, {**admin.site.each_context(request), **shared, **context}, status=status)


def step(
    request: HttpRequest, *, methods: list[str], wanted: str, refusal: Refusal | None, **context: Any
) -> HttpResponse:
    """Answer a page that asks for a proof by one method, the first unless another is wanted, and leads to the rest."""
    method = wanted if wanted in methods else next(iter(methods), "")
    return show(
        request,
        "mfa/step.html",
        refusal=refusal,
        method=method,
        others=[(other, LABELS[other]) for other in methods if other != method],
        by_message=method in policy.MESSAGES,
        sent=SENT if request.GET.get("sent") and not refusal else "",
        **context,
    )


def hit_step(request: HttpRequest, route: str) -> None:
    """Count a call of the sign-in that is under way in this browser. Raises `limits.addresses.TooMany`."""
    challenge = partial(admin_session.challenge, request)
    fences.hit_step(route=route, challenge=challenge, origin=origin_of(request), now=utcnow())


def go(request: HttpRequest, name: str, **query: str) -> HttpResponse:
    """Lead on to another of these pages, which remembers where to go after it."""
    more = "".join(f"&{key}={value}" for key, value in query.items())
    return HttpResponseRedirect(admin_site.url_with_next(name, request) + more)


def prove_first(*, back: str) -> HttpResponse:
    """Ask somebody who is signed in to prove again that it is her, and lead back to another of these pages."""
    return HttpResponseRedirect(f"{reverse('second-factor-proof')}?{urlencode({REDIRECT_FIELD_NAME: reverse(back)})}")


def begin_again(request: HttpRequest, why: str = OVER) -> HttpResponse:
    """Lead back to the password: this browser has no sign-in under way that could go on."""
    messages.error(request, why)
    answer = HttpResponseRedirect(admin_site.url_with_next("admin:login", request))
    admin_session.drop_challenge(answer)
    return answer


def told(refusal: Refusal) -> str:
    """Return the sentence that says why something was refused, and how long to wait."""
    return f"{refusal.detail} ({refusal.retry_after} s)" if isinstance(refusal, Delayed) else refusal.detail


def status_of(refusal: Refusal) -> int:
    """Return the status that the API has for a refusal."""
    return STATUS_OF_CODE[refusal.code]


def refused_json(refusal: Refusal) -> JsonResponse:
    """Answer the script of a page: why not."""
    return JsonResponse({"detail": told(refusal)}, status=status_of(refusal))


def answer_in(request: HttpRequest, **more: Any) -> factors.Answer:
    """Return what a form answers with. Blanks that people type between digits are no part of a code.

    Raises `Invalid` for what no passkey has said.
    """
    method = request.POST.get("method", "")
    if method == policy.WEBAUTHN:
        return factors.Answer(method=method, credential=credential_in(request), **more)
    return factors.Answer(method=method, code="".join(request.POST.get("code", "").split()), **more)


def credential_in(request: HttpRequest) -> dict[str, Any]:
    """Return what the page's script has put in its form. Raises `Invalid`."""
    try:
        given = json.loads(request.POST.get("credential", ""))
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Invalid("credential", "The passkey gave no answer. Scripts must be on in this browser.", "invalid")
    return given


def stuck(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer the page of somebody who gets no further here, and say why."""
    return show(request, "mfa/stuck.html", title="That did not work", refusal=refusal)
