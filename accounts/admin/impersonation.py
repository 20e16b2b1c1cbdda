"""The button of a person's page by which staff see what she sees, and the page that shows its token once."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts import admin_session, authority, conf, impersonation, people, reauthentication
from accounts.hashing import MAX_LENGTH
from accounts.models import User
from kit.clock import utcnow
from kit.errors import Refusal
from kit.requests import origin_of


class WishForm(forms.Form):
    """Why, for how long, and the password where the sign-in was a while ago. The domain looks at it all."""

    reason = forms.CharField(max_length=impersonation.MAX_REASON, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    minutes = forms.IntegerField(min_value=1, max_value=impersonation.MAX_MINUTES)
    password = forms.CharField(
        label="Your own password",
        required=False,
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    @property
    def is_told(self) -> bool:
        """Whether the person gets a mail about it."""
        return conf.impersonation_told()


def form_for(request: HttpRequest, person: User, *, now: dt.datetime) -> WishForm | None:
    """Return the form for who may act for this person; None for anybody else, and of oneself.

    It asks for no password where she signed in a moment ago.
    """
    viewer: Any = request.user
    session = admin_session.find(request)
    if viewer.pk == person.pk or not people.may_act(person) or not viewer.has_perm(impersonation.PERMISSION):
        return None
    if not authority.may_manage(actor=viewer, user=person, now=now):
        return None
    form = WishForm(initial={"minutes": conf.impersonation_minutes()}, auto_id="act-%s", label_suffix="")
    if session is not None and reauthentication.is_recent(session, now=now):
        del form.fields["password"]
    return form


def answer(request: HttpRequest, person: User, *, context: dict[str, Any]) -> HttpResponse:
    """Show the token, which no later page does; or go back to the person's page with a word of why not."""
    form, session = WishForm(request.POST), admin_session.find(request)
    if session is None or not session.user.has_perm(impersonation.PERMISSION):
        raise Http404
    if not form.is_valid():
        return _back(request, person, " ".join(f"{name}: {told[0]}" for name, told in form.errors.items()))
    wish = impersonation.Wish(**form.cleaned_data)
    try:
        begun = impersonation.begin(user=person, session=session, wish=wish, now=utcnow(), origin=origin_of(request))
    except Refusal as refusal:
        return _back(request, person, refusal.detail)
    return render(request, "accounts/admin_impersonation.html", {**context, "person": person, "begun": begun})


def _back(request: HttpRequest, person: User, why: str) -> HttpResponse:
    messages.error(request, why)
    return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[person.pk]))
