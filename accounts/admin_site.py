"""The admin behind our own login: the same function, counters and records as the API's, then a session of ours."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import admin_session, conf, fences, login, sessions
from accounts.models import Session
from kit import seams
from kit.clock import utcnow
from kit.errors import Delayed, Refusal
from kit.requests import origin_of


class LoginForm(forms.Form):
    """A name and a password; the domain checks them."""

    username = forms.CharField(
        label="Address or user name",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        strip=False, max_length=1024, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class HouseAdminSite(AdminSite):
    site_title = "Gatehouse"
    site_header = "Gatehouse"
    index_title = "The house"
    site_url = None
    enable_nav_sidebar = False  # admin/navigation.html is ours, and needs no script to be read

    @method_decorator(sensitive_post_parameters())
    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the form, or sign in by `accounts.login.begin` at the admin's door."""
        if self.has_permission(request) and request.method == "GET":
            return HttpResponseRedirect(next_page(request))
        form = LoginForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            outcome = _sign_in(request, form)
            if not isinstance(outcome, str):
                return go_on(request, outcome)
            form.add_error(None, outcome)
        context = {
            **self.each_context(request),
            "title": "Sign in",
            "form": form,
            "next_field": REDIRECT_FIELD_NAME,
            "next": next_page(request),
            "other_ways": conf.admin_sign_in(),
            **(extra_context or {}),
        }
        return render(request, "accounts/admin_login.html", context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the front page: what ADMIN_FRONT_PAGE gathers for her, or the bare list of what she may open."""
        path = conf.admin_front_page()
        gathered = seams.load(path)(user=request.user, now=utcnow()) if path else {}
        return super().index(request, {**gathered, **(extra_context or {})})

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """End our session and forget the browser's."""
        session = admin_session.find(request)
        if session is not None and request.method == "POST":
            reason = Session.EndReason.LOGOUT
            now, origin = utcnow(), origin_of(request)
            sessions.end(session=session, reason=reason, actor=session.user_id, now=now, origin=origin)
            request.session.flush()
        answer = HttpResponseRedirect(reverse("admin:login", current_app=self.name))
        answer["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Refuse: Django's own form knows neither our policy nor our counters."""
        raise Http404


def go_on(request: HttpRequest, result: login.StepDue | login.StartedSession) -> HttpResponse:
    """Answer what a door of the admin has come to: the browser is signed in, or is sent to the page of the next step.

    Each of those pages may end here as well.
    """
    if isinstance(result, login.StepDue):
        answer = HttpResponseRedirect(url_with_next(_page_of(result), request))
        admin_session.carry_challenge(answer, result)
        return answer
    admin_session.attach(request, result.session)
    answer = HttpResponseRedirect(next_page(request))
    admin_session.remember_device(answer, result.session.device)
    admin_session.drop_challenge(answer)
    return answer


def url_with_next(name: str, request: HttpRequest) -> str:
    """Return the URL of a page of the sign-in, with where to go after it."""
    return f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: next_page(request)})}"


def _sign_in(request: HttpRequest, form: LoginForm) -> login.StepDue | login.StartedSession | str:
    """Return what the sign-in has come to, or the sentence that says why it has failed."""
    now, origin = utcnow(), origin_of(request)
    credentials = login.Credentials(
        name=form.cleaned_data["username"],
        password=form.cleaned_data["password"],
        device_token=admin_session.device_token(request),
    )
    try:
        shown = (credentials.name, credentials.device_token)
        fences.hit_sign_in(shown=lambda: shown, origin=origin, now=now)
        result = login.begin(credentials=credentials, door=Session.Door.ADMIN, now=now, origin=origin)
    except Delayed as refusal:
        return f"{refusal.detail} ({refusal.retry_after} s)"
    except Refusal as refusal:
        return refusal.detail
    if isinstance(result, login.StepDue) and not _page_of(result):
        return "A further step is due, and no page here can take it."
    return result


def _page_of(due: login.StepDue) -> str:
    """Return the name of the URL where a step is completed in the browser, empty where that cannot be."""
    return next((str(step.admin_page) for step in sessions.login_steps() if step.name == due.step), "")


def next_page(request: HttpRequest) -> str:
    """Return where to go after signing in: a page of this admin, or its front page."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    front = reverse("admin:index")
    return wanted if safe and wanted.startswith(front) else front
