"""Providers in the admin: how each fares, a switch for each, and those that staff set up with credentials.

Credentials are taken and never shown. Whoever changes an account has proved a moment ago who she is
(`NOTIFICATIONS_STAFF_PROOF`), and gives its credentials anew where it is to lead elsewhere.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from audit.tables import LongTable, ReadOnly
from kit import seams
from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from kit.requests import origin_of
from notifications import breakers, conf, overview, permissions, provider_accounts
from notifications.models import ProviderAccount
from notifications.provider_accounts import DRIVERS, Driver, Wish

LABELS = {
    "url": "Address",
    "workflows": "Workflows",
    "account_sid": "Account",
    "from": "From",
    "messaging_service_sid": "Messaging service",
    "whatsapp_from": "From, by WhatsApp",
    "content_sid": "Template, by WhatsApp",
    "content_variable": "Its variable",
    "api_key": "Key",
    "auth_token": "Token",
    "webhook_secret": "Secret of its reports",
}
HELP = {
    "url": "Empty: the service’s own.",
    "workflows": "Which workflow carries each channel: email=wf-mail,sms=wf-text",
    "content_variable": "Which variable of the template takes the text. Empty: 1.",
}


class AccountForm(forms.Form):
    """What staff say of an account. What is secret is asked for, and never shown."""

    def __init__(self, driver: Driver, row: ProviderAccount | None, data: Any = None) -> None:
        self.driver = driver
        kept: Mapping[str, str] = row.settings if row is not None else {}
        super().__init__(data, initial={f"settings.{key}": value for key, value in kept.items()}, label_suffix="")
        most = provider_accounts.MAX_VALUE
        if row is None:
            told = "Small letters, digits and dashes. It stays as it is; an order of providers names it account:name."
            self.fields["name"] = forms.CharField(max_length=48, help_text=told)
        for key in driver.settings:
            self.fields[f"settings.{key}"] = forms.CharField(
                required=key in driver.required, max_length=most, label=LABELS[key], help_text=HELP.get(key, "")
            )
        for key in driver.secrets:
            told = "" if row is None else "Empty: as it is. Needed anew where the account is to lead elsewhere."
            hidden = forms.PasswordInput(attrs={"autocomplete": "off"})
            self.fields[f"credentials.{key}"] = forms.CharField(
                required=False, max_length=most, label=LABELS[key], widget=hidden, help_text=told
            )
        told = "Needed where you signed in more than some minutes ago."
        own = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        self.fields["password"] = forms.CharField(required=False, label="Your password", widget=own, help_text=told)

    def given(self, kind: str) -> dict[str, str]:
        """Return what was given of the settings, or of the credentials."""
        found = {name.partition("."): value for name, value in self.cleaned_data.items()}
        return {key: value for (where, _, key), value in found.items() if where == kind and value}

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at the field that it is of."""
        name = refusal.field if isinstance(refusal, Invalid) else ""
        name = f"credentials.{self.driver.secrets[0]}" if name == "credentials" else name
        self.add_error(name if name in self.fields else None, refusal.detail)


@admin.register(ProviderAccount)
class ProviderAdmin(ReadOnly, LongTable):
    """The providers, on one page; a form for each account."""

    def get_urls(self) -> list[URLPattern]:
        """Add the switches, and what is done to an account."""
        view = self.admin_site.admin_view
        return [
            path("switch/", view(self.switch), name="notifications_provider_switch"),
            path("new/<slug:driver>/", view(self.new), name="notifications_provider_new"),
            path("account/<slug:name>/", view(self.account), name="notifications_provider_account"),
            path("account/<slug:name>/remove/", view(self.remove), name="notifications_provider_remove"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those look who may see providers."""
        return bool(request.user.has_perm(permissions.VIEW_PROVIDER))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those who may see providers."""
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show how every provider fares. Two statements."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = utcnow()
        context = {
            "title": "Providers",
            "chains": overview.of_channels(now),
            "standings": overview.of_providers(now),
            "accounts": ProviderAccount.objects.order_by("name"),
            "drivers": {name: driver.title for name, driver in DRIVERS.items()},
            "may_change": _may_change(request),
            "prefix": provider_accounts.PREFIX,
        }
        return self._page(request, "notifications/admin_providers.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the account's own page, for those who may look."""
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:notifications_provider_account", args=[row.name]))

    def switch(self, request: HttpRequest) -> HttpResponse:
        """Take a provider out of use, or put it back."""
        _require_post(request)
        name, off = request.POST.get("name", ""), request.POST.get("off") == "1"
        if name not in {standing.name for standing in overview.of_providers(utcnow())}:
            raise Http404
        breakers.switch(name, off=off, **_by(request))
        told = f"{name} is out of use: the next in each chain takes over." if off else f"{name} is back in use."
        self.message_user(request, told, messages.SUCCESS)
        return self._back()

    def new(self, request: HttpRequest, driver: str) -> HttpResponse:
        """Show the form of a new account, or make it."""
        if driver not in DRIVERS:
            raise Http404
        return self._form(request, driver, None)

    def account(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the form of an account, or change it."""
        row = ProviderAccount.objects.filter(name=name).first()
        if row is None or row.driver not in DRIVERS:
            raise Http404
        return self._form(request, row.driver, row)

    def remove(self, request: HttpRequest, name: str) -> HttpResponse:
        """Remove an account that no chain names."""
        _require_post(request)
        try:
            _prove(request)
            provider_accounts.remove(name=name, **_by(request))
            self.message_user(request, f"The account {name} is removed.", messages.SUCCESS)
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        return self._back()

    def _form(self, request: HttpRequest, driver: str, row: ProviderAccount | None) -> HttpResponse:
        if not _may_change(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = AccountForm(DRIVERS[driver], row, posted)
        saved = _saved(request, form, driver, row)
        if saved is not None:
            self.message_user(request, f"The account {saved.name} is saved.", messages.SUCCESS)
            return self._back()
        title = row.name if row is not None else f"New account: {DRIVERS[driver].title}"
        in_use = row is not None and _is_in_use(row)
        context = {"title": title, "form": form, "account": row, "in_use": in_use}
        return self._page(request, "notifications/admin_provider_account.html", context)

    def _page(self, request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        return render(request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context})

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:notifications_provideraccount_changelist"))


def _saved(request: HttpRequest, form: AccountForm, driver: str, row: ProviderAccount | None) -> ProviderAccount | None:
    """Return the account as a form made it; None where nothing was posted, or the form says now what is wrong."""
    if not (form.is_bound and form.is_valid()):
        return None
    name = row.name if row is not None else form.cleaned_data["name"]
    wish = Wish(driver=driver, settings=form.given("settings"), credentials=form.given("credentials"))
    try:
        _prove(request)
        return provider_accounts.save(name=name, wish=wish, **_by(request))
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _is_in_use(row: ProviderAccount) -> bool:
    """Tell whether a channel is sent by an account."""
    name = provider_accounts.PREFIX + row.name
    return any(name == standing.name for standing in overview.of_providers(utcnow()))


def _may_change(request: HttpRequest) -> bool:
    return all(request.user.has_perm(name) for name in (permissions.VIEW_PROVIDER, permissions.CHANGE_PROVIDER))


def _require_post(request: HttpRequest) -> None:
    """Raise unless this is a button that somebody pressed who may."""
    if request.method != "POST" or not _may_change(request):
        raise PermissionDenied


def _prove(request: HttpRequest) -> None:
    """Raise a Refusal unless whoever asks has proved lately who she is, or gives her password now."""
    if proof := conf.staff_proof():
        seams.load(proof)(request, password=request.POST.get("password", ""))


def _by(request: HttpRequest) -> dict[str, Any]:
    user: Any = request.user
    return {"actor": user.pk, "now": utcnow(), "origin": origin_of(request)}
