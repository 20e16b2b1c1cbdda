"""The lists of the admin are for those who may see what is in them: to change it, or everything else, is not enough."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.test import RequestFactory

from accounts.testing import make_person
from roles.models import AccessRequest
from roles.testing import allow, deny

pytestmark = pytest.mark.django_db

PAGES = {model: page for model, page in admin.site._registry.items() if model is not AccessRequest}  # theirs by row
ASKED_OF_OTHERS = {
    "accounts.Invitation": "accounts.add_user",
    "accounts.RefusedSignIn": "accounts.view_user",
    "notifications.Brand": "notifications.change_template",
    "notifications.Template": "notifications.change_template",
    "notifications.ProviderAccount": "notifications.view_provider",
}


def permission_to_see(model: Any) -> str:
    """Return the permission for which a list is shown."""
    codename = get_permission_codename("view", model._meta)
    return ASKED_OF_OTHERS.get(model._meta.label, f"{model._meta.app_label}.{codename}")


def is_shown(model: Any, user: Any) -> bool:
    """Tell whether a list is shown, by either of the questions that Django asks."""
    request = RequestFactory().get("/admin/")
    request.user = user
    page = PAGES[model]
    asked = {page.has_view_permission(request), page.has_view_or_change_permission(request)}
    assert len(asked) == 1
    return asked.pop()


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_list_is_shown_to_whoever_may_see_it(model: Any) -> None:
    allow(user := make_person(is_staff=True), permission_to_see(model))
    assert is_shown(model, user)


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_list_is_not_shown_to_one_who_may_do_all_but_see_it(model: Any) -> None:
    make_person(is_superuser=True)  # nobody is left without
    allow(user := make_person(is_staff=True), "*")
    deny(user, permission_to_see(model))
    assert not is_shown(model, user)
