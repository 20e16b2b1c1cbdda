"""Where providers report what became of messages: signed by each in its own way, and never by a person."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.errors import NotFound
from kit.permissions import Public
from kit.requests import origin_of
from limits import addresses
from notifications.callbacks import receiving
from notifications.callbacks.reports import NotTheirs

ROUTE = "callback"  # of LIMITS_BY_ADDRESS: calls that are nobody's; those that are signed are not counted


@extend_schema(exclude=True)  # each provider's own form; no caller of ours makes this call
class CallbackView(APIView):
    """`POST /api/v1/notify/callbacks/{provider}`: 200 when it is taken in, or was before."""

    authentication_classes = []
    permission_classes = [Public]
    parser_classes = []

    def post(self, request: Request, provider: str) -> Response:
        """Take in a report. Over the bytes as they came; a form or a document is made of them once they are signed."""
        now = utcnow()
        try:
            # nosemgrep: payload-past-the-serializer - signed bytes, of each provider's own form
            receiving.receive(provider=provider, headers=request.headers, body=request.body, now=now)
        except (NotFound, NotTheirs):
            addresses.hit(route=ROUTE, address=origin_of(request).address, now=now)
            raise
        return Response()
