"""The caller's own account."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import profiles
from accounts.api.examples import profile as examples
from accounts.api.parsing import parsed, user_of
from accounts.api.serializers import profile as shapes
from kit.clock import utcnow
from kit.permissions import SignedIn
from kit.requests import origin_of


class ProfileView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_profile", responses=shapes.Profile, examples=examples.PROFILE)
    def get(self, request: Request) -> Response:
        """Return the caller's own account. The same call answers at `/api/v1/auth/me`."""
        return Response(shapes.Profile(user_of(request)).data)

    @extend_schema(
        operation_id="auth_profile_change",
        request=shapes.Profile,
        responses=shapes.Profile,
        examples=examples.PROFILE_CHANGE,
    )
    def patch(self, request: Request) -> Response:
        """Change the caller's own names, user name, phone, locale or time zone. What is not sent stays as it is."""
        changes = parsed(shapes.Profile, request, partial=True)
        user = profiles.update(user=user_of(request), changes=changes, now=utcnow(), origin=origin_of(request))
        return Response(shapes.Profile(user).data)
