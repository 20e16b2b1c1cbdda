"""What a person may see of what is kept of her, and the end of it."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import activity, erasure, personal_data, reauthentication
from accounts.api.examples import personal_data as examples
from accounts.api.parsing import NOTHING, OpenView, parsed, user_of
from accounts.api.serializers import Detail
from accounts.api.serializers import personal_data as shapes
from accounts.api.serializers.registration import LinkToken
from accounts.api.throttles import by_address
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.permissions import SignedIn
from kit.requests import origin_of


class ActivityView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="auth_activity",
        parameters=CURSOR_PARAMETERS,
        responses=shapes.Activity,
        examples=examples.ACTIVITY,
    )
    def get(self, request: Request) -> Response:
        """Tell what the caller did and what was done to her account, the latest first."""
        user = user_of(request)
        page = cursor_page(request, *activity.lists_of(user.pk), order=activity.ORDER)
        happenings = [activity.shown(entry, to=user.pk) for entry in page.rows]
        return Response(page.answer(shapes.Happening(happenings, many=True).data))


class ExportView(APIView):
    permission_classes = [SignedIn]
    for_impersonators = False
    throttle_classes = [by_address("export")]

    @extend_schema(operation_id="auth_export", responses=shapes.Export, examples=examples.EXPORT)
    def get(self, request: Request) -> Response:
        """Return everything that is kept of the caller.

        Of each kind the newest, at most ten thousand, and fewer of long messages; `left_out` says how many are missing.
        """
        kept = personal_data.export(user=user_of(request), now=utcnow(), origin=origin_of(request))
        return Response(kept, headers={"Content-Disposition": 'attachment; filename="gatehouse-export.json"'})


class AccountView(APIView):
    permission_classes = [SignedIn]

    @published("reauthentication_required", "account_locked", "conflict")
    @extend_schema(
        operation_id="auth_account_delete",
        request=shapes.Deletion,
        responses={204: NOTHING},
        examples=examples.DELETION,
    )
    def delete(self, request: Request) -> Response:
        """Delete the caller's own account: stopped at once, with all its sessions, and erased when its grace is over.

        It asks for the password or a factor's code, or for a sign-in of a moment ago. A mail says when the account is
        erased, and has a link that brings it back until then.
        """
        given = parsed(shapes.Deletion, request)
        now, origin = utcnow(), origin_of(request)
        session = cast("Session", request.auth)
        reauthentication.require_recent(session=session, now=now, origin=origin, **given)
        erasure.request(user=user_of(request), actor=user_of(request), now=now, origin=origin)
        headers = {"Clear-Site-Data": '"cache", "storage"'}
        return Response(status=status.HTTP_204_NO_CONTENT, headers=headers)


class KeepAccountView(OpenView):
    throttle_classes = [by_address("keep-account")]

    @extend_schema(operation_id="auth_account_keep", request=LinkToken, responses={200: Detail}, examples=examples.KEEP)
    def post(self, request: Request) -> Response:
        """Bring a deleted account back with the token of its mail, before it is erased. She signs in as before."""
        token = parsed(LinkToken, request)["token"]
        erasure.stop(token=token, now=utcnow(), origin=origin_of(request))
        return Response({"detail": "The account is kept. You can sign in again."})
