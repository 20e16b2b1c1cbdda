"""Views that do each thing a view may do, for the tests of errors, parsers and middleware."""

from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import errors
from kit.fields import Base64Url, Flag, Id, Items, Moment, Secret, Text, Whole
from kit.paging import NumberedPages
from kit.permissions import Public, SignedIn, by_method, hidden, requires
from kit.requests import origin_of
from kit.tests.callers import CallerAuthentication

handler400 = "kit.problems.bad_request"
handler403 = "kit.problems.permission_denied"
handler404 = "kit.problems.not_found"
handler500 = "kit.problems.server_error"


class View(APIView):
    authentication_classes = [CallerAuthentication]


class Echo(View):
    permission_classes = [Public]

    def post(self, request: Any) -> Response:
        return Response({"data": request.data})


class Line(serializers.Serializer[Any]):
    name = Text(max_length=10)


class Order(serializers.Serializer[Any]):
    lines = Line(many=True, required=False)
    note = Text(multiline=True, required=False)
    secret = Secret(required=False)
    flag = Flag(required=False)
    count = Whole(required=False, max_value=10)
    at = Moment(required=False)
    id = Id(required=False)
    key = Base64Url(max_bytes=4, required=False)
    tags = Items(child=Text(max_length=10), max_length=3, required=False)


class Orders(View):
    permission_classes = [Public]

    def post(self, request: Any) -> Response:
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response({**order.data, "secret": order.validated_data.get("secret")})


REFUSALS: dict[str, Exception] = {
    "invalid": errors.Invalid("a.b", "Say it better.", "too_vague"),
    "conflict": errors.Conflict("Already so.", challenge="abc", status="overwritten"),
    "throttled": errors.Throttled(2.1),
    "busy": OperationalError("database is locked"),
    "mistake": RuntimeError("a secret in a trace"),
}


class Refuse(View):
    permission_classes = [Public]

    def get(self, request: Any, name: str) -> Response:
        raise REFUSALS[name]


class Members(View):
    permission_classes = [SignedIn]

    def get(self, request: Any) -> Response:
        return Response({})


class Senders(View):
    permission_classes = [requires("mail.send")]

    def get(self, request: Any) -> Response:
        return Response({})


class Letters(View):
    permission_classes = [by_method(GET=hidden("mail.read"), POST=requires("mail.send"))]

    def get(self, request: Any) -> Response:
        return Response({})

    def post(self, request: Any) -> Response:
        return Response({})

    def delete(self, request: Any) -> Response:
        return Response({})


class Undeclared(View):
    def get(self, request: Any) -> Response:
        return Response({})


class Where(View):
    permission_classes = [Public]

    def get(self, request: Any) -> Response:
        origin = origin_of(request)
        return Response({"address": origin.address, "agent": origin.agent, "request_id": origin.request_id})


def own_cache(request: HttpRequest) -> HttpResponse:
    return HttpResponse("kept", headers={"Cache-Control": "max-age=60"})


def broken_page(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a page that breaks")


class Pages(View):
    permission_classes = [Public]

    def get(self, request: Any) -> Response:
        pages = NumberedPages()
        return pages.get_paginated_response(pages.paginate_queryset(list(range(250)), request))


urlpatterns = [
    path("numbers", Pages.as_view()),
    path("echo", Echo.as_view()),
    path("large", Echo.as_view()),
    path("orders", Orders.as_view()),
    path("refuse/<str:name>", Refuse.as_view()),
    path("members", Members.as_view()),
    path("senders", Senders.as_view()),
    path("letters", Letters.as_view()),
    path("undeclared", Undeclared.as_view()),
    path("where", Where.as_view()),
    path("kept", own_cache),
    path("pages/broken/", broken_page),
]
