"""Permissions on one thing, for every kind of view."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils.decorators import method_decorator
from django.views import View as DjangoView
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from kit.permissions import Public, by_method, permitted, requires, requires_on, requires_on_object
from kit.tests import callers
from kit.tests.callers import Caller, CallerAuthentication

ON = "project:{project_id}"


class ByPath(APIView):
    authentication_classes = (CallerAuthentication,)
    permission_classes = (requires_on("project.read", ON),)

    def get(self, request: Any, project_id: str) -> Response:
        return Response({})


class ByObject(APIView):
    authentication_classes = (CallerAuthentication,)
    permission_classes = (by_method(GET=requires_on_object("project.read"), POST=requires("project.add")),)

    def get(self, request: Any, project_id: str) -> Response:
        self.check_object_permissions(request, f"project:{project_id}")
        return Response({})

    def post(self, request: Any, project_id: str) -> Response:
        self.check_object_permissions(request, f"project:{project_id}")
        return Response({})


@api_view(["GET"])
@authentication_classes([CallerAuthentication])
@permission_classes([Public])
@permitted("project.read", ON)
def by_function(request: Any, project_id: str) -> Response:
    return Response({})


VIEWS = [ByPath.as_view(), ByObject.as_view(), by_function]
CASES = [
    (None, 401, "not_authenticated"),
    ("", 403, "permission_denied"),
    ("project.read@project:8", 403, "permission_denied"),
    ("project.write@project:7", 403, "permission_denied"),
    ("project.read@project:7", 200, ""),
    ("project.read", 200, ""),
]


@pytest.mark.parametrize("view", VIEWS, ids=["path", "object", "function"])
@pytest.mark.parametrize(("caller", "status", "code"), CASES)
def test_a_view_of_one_thing_answers_whoever_may_use_that(
    view: Any, caller: str | None, status: int, code: str
) -> None:
    callers.REFUSED.clear()
    headers = {} if caller is None else {"X-Caller": caller}
    answer = view(APIRequestFactory().get("/", headers=headers), project_id="7")
    assert answer.status_code == status
    assert len(callers.REFUSED) == (status == 403)
    if code:
        assert code.encode() in answer.content


@pytest.mark.parametrize(("caller", "status"), [("project.add", 200), ("project.read project.add@project:7", 403)])
def test_a_permission_for_everything_is_not_asked_of_one_thing(caller: str, status: int) -> None:
    answer = ByObject.as_view()(APIRequestFactory().post("/", headers={"X-Caller": caller}), project_id="7")
    assert answer.status_code == status


def test_an_object_of_a_method_without_a_permission_is_nobodys() -> None:
    request = APIRequestFactory().delete("/")
    assert not by_method(GET=requires_on_object("project.read"))().has_object_permission(request, None, "project:7")


def test_one_permission_on_one_kind_of_thing_has_one_class() -> None:
    assert requires_on("a.b", ON) is requires_on("a.b", ON)
    assert requires_on_object("a.b") is requires_on_object("a.b")


@permitted("project.read", ON)
def plain(request: Any, project_id: str) -> HttpResponse:
    return HttpResponse("seen")


@permitted("project.read")
def of_all(request: Any, project_id: str) -> HttpResponse:
    return HttpResponse("seen")


@method_decorator(permitted("project.read", ON), name="dispatch")
class Plain(DjangoView):
    def get(self, request: Any, project_id: str) -> HttpResponse:
        return HttpResponse("seen")


def answered(view: Any, caller: str | None) -> HttpResponse:
    request: Any = RequestFactory().get("/projects/7")
    request.user = AnonymousUser() if caller is None else Caller(caller)
    answer: HttpResponse = view(request, project_id="7")
    return answer


@pytest.mark.parametrize("view", [plain, Plain.as_view()], ids=["function", "class"])
@pytest.mark.parametrize(("caller", "status", "code"), CASES)
def test_a_plain_view_answers_whoever_may_use_that(view: Any, caller: str | None, status: int, code: str) -> None:
    answer = answered(view, caller)
    assert answer.status_code == status
    assert (code or "seen").encode() in answer.content


def test_a_plain_view_of_everything_asks_for_the_permission_everywhere() -> None:
    assert [answered(of_all, caller).status_code for caller in ("project.read", "project.read@project:7")] == [200, 403]


@override_settings(PAGE_PREFIXES=("/projects/",))
def test_the_refusal_of_a_page_is_a_page() -> None:
    answer = answered(plain, "")
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_what_the_view_itself_answers_is_left_alone() -> None:
    assert answered(plain, "project.read").content == b"seen"
