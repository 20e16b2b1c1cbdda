"""The caller's addresses and her telephone number."""

import uuid
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import addresses, phones, reauthentication
from accounts.api.examples import addresses as examples
from accounts.api.parsing import NOTHING, OpenView, parsed, user_of
from accounts.api.serializers import Detail
from accounts.api.serializers import addresses as shapes
from accounts.api.serializers import profile as profile_shapes
from accounts.api.serializers.registration import LinkToken
from accounts.api.throttles import by_address
from accounts.api.views.registration import ON_ITS_WAY
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.paging import PARAMETERS, NumberedPages
from kit.permissions import SignedIn
from kit.requests import origin_of

ASKS = ("reauthentication_required", "account_locked")


class AddressesView(APIView):
    permission_classes = [SignedIn]

    @published("not_found")
    @extend_schema(
        operation_id="auth_addresses",
        parameters=PARAMETERS,
        responses=shapes.AddressPage,
        examples=examples.ADDRESSES,
    )
    def get(self, request: Request) -> Response:
        """List the caller's confirmed addresses, the primary one first."""
        pages = NumberedPages()
        page = pages.paginate_queryset(addresses.list_of(user_of(request)), request)
        return pages.get_paginated_response(shapes.Address(page, many=True).data)

    @published(*ASKS, "conflict", "throttled")
    @extend_schema(
        operation_id="auth_address_add",
        request=shapes.AddressOffer,
        responses={202: Detail},
        examples=examples.OFFER,
    )
    def post(self, request: Request) -> Response:
        """Add a further address: a mail to it has a link, and it is the caller's once that was used, within 24 hours.

        The answer is the same where the address is somebody else's; the mail tells its owner. Asks for the password, a
        factor's code, or a sign-in of a moment ago. A person has at most ten addresses.
        """
        given = _given_by_her(request, shapes.AddressOffer)
        addresses.add(user=user_of(request), now=utcnow(), origin=origin_of(request), **given)
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class AddressView(APIView):
    permission_classes = [SignedIn]

    @published(*ASKS, "conflict")
    @extend_schema(
        operation_id="auth_address_remove",
        request=shapes.Recent,
        responses={204: NOTHING},
        examples=examples.PROOF,
    )
    def delete(self, request: Request, address_id: uuid.UUID) -> Response:
        """Remove one of the caller's addresses, but not the primary one, which is told, with a link that undoes this.

        Asks for the password, a factor's code, or a sign-in of a moment ago.
        """
        _given_by_her(request, shapes.Recent)
        addresses.remove(user=user_of(request), address_id=address_id, now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PrimaryAddressView(APIView):
    permission_classes = [SignedIn]

    @published(*ASKS)
    @extend_schema(
        operation_id="auth_address_make_primary",
        request=shapes.Recent,
        responses=shapes.Address,
        examples=[*examples.PROOF, examples.ADDRESS],
    )
    def post(self, request: Request, address_id: uuid.UUID) -> Response:
        """Make one of the caller's addresses the primary one. The one that was it stays hers and is told.

        Asks for the password, a factor's code, or a sign-in of a moment ago.
        """
        _given_by_her(request, shapes.Recent)
        handle = addresses.make_primary(
            user=user_of(request), address_id=address_id, now=utcnow(), origin=origin_of(request)
        )
        return Response(shapes.Address(handle).data)


class ChangeAddressView(APIView):
    permission_classes = [SignedIn]

    @published(*ASKS, "conflict", "throttled")
    @extend_schema(
        operation_id="auth_email_change",
        request=shapes.AddressOffer,
        responses={202: Detail},
        examples=examples.OFFER,
    )
    def post(self, request: Request) -> Response:
        """Change the primary address: a mail to the new one has a link, and once that was used it replaces the old one.

        The old address is told, with a link that undoes the change for seven days, in which nobody else can take it.
        Only the last change that was asked for is good. Asks for the password, a factor's code, or a sign-in of a
        moment ago.
        """
        given = _given_by_her(request, shapes.AddressOffer)
        addresses.change(user=user_of(request), now=utcnow(), origin=origin_of(request), **given)
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class ConfirmAddressView(OpenView):
    throttle_classes = [by_address("confirm-address")]

    @extend_schema(
        operation_id="auth_address_confirm",
        request=LinkToken,
        responses={200: Detail},
        examples=examples.CONFIRM,
    )
    def post(self, request: Request) -> Response:
        """Confirm a further or another address with the token of its mail.

        A token is good once, for 24 hours: one that is used, expired or not ours is a `validation_error` on `token`,
        and so is one whose address has become somebody else's meanwhile.
        """
        token = parsed(LinkToken, request)["token"]
        addresses.confirm(token=token, now=utcnow(), origin=origin_of(request))
        return Response({"detail": "The address is confirmed."})


class SendPhoneCodeView(APIView):
    permission_classes = [SignedIn]

    @published("conflict", "throttled", "unavailable")
    @extend_schema(
        operation_id="auth_phone_send",
        request=shapes.PhoneCodeRequest,
        responses={202: Detail},
        examples=examples.PHONE_SEND,
    )
    def post(self, request: Request) -> Response:
        """Send a code of six digits by SMS, good for ten minutes; only the newest one is good.

        At most one a minute, five in ten minutes, ten a day. `unavailable` where this service cannot send SMS, and
        `conflict` for a number that is confirmed already.
        """
        phone = parsed(shapes.PhoneCodeRequest, request).get("phone", "")
        phones.send_code(user=user_of(request), phone=phone, now=utcnow(), origin=origin_of(request))
        return Response({"detail": "A code is on its way."}, status=status.HTTP_202_ACCEPTED)


class ConfirmPhoneView(APIView):
    permission_classes = [SignedIn]

    @published("throttled")
    @extend_schema(
        operation_id="auth_phone_confirm",
        request=shapes.PhoneCode,
        responses=profile_shapes.Profile,
        examples=examples.PHONE_CONFIRM,
    )
    def post(self, request: Request) -> Response:
        """Confirm the number that the newest code was sent to. Five tries in ten minutes, whatever the code."""
        code = parsed(shapes.PhoneCode, request)["code"]
        user = phones.confirm(user=user_of(request), code=code, now=utcnow(), origin=origin_of(request))
        return Response(profile_shapes.Profile(user).data)


def _given_by_her(request: Request, shape: type[Any]) -> dict[str, Any]:
    """Return the body without the proof in it, once that has shown that it is her. Raises what the proof raises."""
    given = parsed(shape, request)
    proof = {name: given.pop(name) for name in ("password", "code") if name in given}
    session = cast("Session", request.auth)
    reauthentication.require_recent(session=session, now=utcnow(), origin=origin_of(request), **proof)
    return given
