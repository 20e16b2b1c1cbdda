"""Answers that several calls share: *tokens*, and what a sign-in says when a further step is due."""

import datetime as dt
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf, devices, login, refresh, tokens
from accounts.api import cookies
from accounts.models import Session
from kit.errors import Refusal


class FurtherStep(Refusal):
    """The password was right and a second factor is due; `challenge`, `methods` and `expires_in` say how to go on."""

    code = "mfa_required"
    default_detail = "A second factor is due."


class EnrolmentDue(Refusal):
    """The password was right, and she must set up a second factor first; `challenge` lets her do that and no more."""

    code = "mfa_enrolment_required"
    default_detail = "Set up a second factor first, with this challenge; then sign in again."


def signed_in(result: login.StepDue | login.StartedSession, *, request: Request, now: dt.datetime) -> Response:
    """Answer a sign-in with *tokens*, or raise `FurtherStep` or `EnrolmentDue`."""
    if isinstance(result, login.StepDue) and result.enrols:
        raise EnrolmentDue(challenge=result.challenge, expires_in=result.expires_in)
    if isinstance(result, login.StepDue):
        raise FurtherStep(challenge=result.challenge, methods=list(result.methods), expires_in=result.expires_in)
    return token_pair(refresh.issue(session=result.session, now=now), request=request, now=now)


def token_pair(renewed: refresh.Renewed, *, request: Request, now: dt.datetime) -> Response:
    """Answer *tokens*: a fresh access token beside a live refresh token, which a browser may want as a cookie."""
    session: Session = renewed.session
    seconds = int((renewed.expires_at - now).total_seconds())
    body: dict[str, Any] = {
        "access": tokens.issue_access(
            subject=session.user_id, session=session.pk, amr=session.amr, auth_time=session.auth_time, now=now
        ),
        "refresh": renewed.text,
        "token_type": "Bearer",
        "expires_in": conf.access_lifetime(),
        "refresh_expires_in": seconds,
        "session_id": str(session.pk),
        "device_token": devices.token_of(session.device),
    }
    response = Response(body)
    if cookies.are_wanted(request):
        cookies.deliver(response, token=body.pop("refresh"), seconds=seconds)
    return response
