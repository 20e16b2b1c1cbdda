"""People in the admin: a list that finds them by any name, and one page for each, from which staff look after her.

Nobody is added with a password, and nothing is written in a form: staff invite, and press what the API offers too.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import people_search, stewardship
from accounts.admin import impersonation, panels
from accounts.models import User
from audit.tables import LongTable, ReadOnly, doing
from kit.clock import utcnow
from kit.errors import Refusal

_TONES = {
    people_search.State.ACTIVE: "good",
    people_search.State.INACTIVE: "wrong",
    people_search.State.FROZEN: "warn",
    people_search.State.DELETED: "wrong",
}


class StateFilter(admin.SimpleListFilter):
    """Filter by what became of the account."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every state."""
        return [(state.value, state.label) for state in people_search.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Keep the accounts in the chosen state."""
        chosen = self.value()
        if chosen not in people_search.State.values:
            return queryset
        return queryset.filter(people_search.condition_of(people_search.State(chosen)))


@admin.register(User)
class UserAdmin(ReadOnly, LongTable):
    """People, the newest first. Search takes the beginning of any name."""

    list_display = ("email", "username", "full_name", "state", "is_staff", "is_superuser", "created_at")
    list_filter = (StateFilter, "is_staff", "is_superuser")
    search_fields = ("handles__canonical",)
    search_help_text = "The beginning of an address, user name, first or last name."
    ordering = ("-created_at", "-id")
    actions = ("sign_out", "unlock", "send_password_reset", "deactivate", "activate")

    def get_urls(self) -> list[URLPattern]:
        """Add the buttons of a person's page."""
        do, act = self.admin_site.admin_view(self.do), self.admin_site.admin_view(self.impersonate)
        return [
            path("<uuid:pk>/do/<slug:action>/", do, name="accounts_user_do"),
            path("<uuid:pk>/impersonate/", act, name="accounts_user_impersonate"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Leave the passwords in the database."""
        return super().get_queryset(request).defer("password")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Search by the beginning of a name, which an index answers."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=people_search.find_ids(search_term)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let those invite who may: adding a person is inviting her."""
        return bool(request.user.has_perm("accounts.add_user"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Offer the actions of the list to those who may change people; there is no form to write in."""
        return bool(request.user.has_perm("accounts.change_user"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Lead to the invitation: nobody gets a password from staff."""
        return HttpResponseRedirect(reverse("admin:accounts_invitation_add", current_app=self.admin_site.name))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one person: state, names, sessions, limits, what apps above add, and what happened."""
        person = self.get_object(request, object_id)
        if person is None or not self.has_view_permission(request, person):
            raise Http404
        now = utcnow()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": person,
            "title": person.email,
            "person": person,
            "state": people_search.state_of(person),
            "tone": _TONES[people_search.state_of(person)],
            "buttons": panels.buttons(person=person, viewer=request.user, now=now),
            "acting": impersonation.form_for(request, person, now=now),
            "panels": panels.gather(person=person, viewer=request.user, now=now),
        }
        request.current_app = self.admin_site.name
        return render(request, "accounts/admin_person.html", context)

    def do(self, request: HttpRequest, pk: Any, action: str) -> HttpResponse:
        """Do what a button of a person's page says, and go back to the page with a word of how it went."""
        person = User.objects.filter(pk=pk).first()
        known = panels.DEEDS.get(action)
        if request.method != "POST" or person is None or known is None or not self.has_view_permission(request, person):
            raise Http404
        try:
            done = known.do(person, request.POST.dict(), doing(request))
            self.message_user(request, done, messages.SUCCESS)
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        return HttpResponseRedirect(
            reverse("admin:accounts_user_change", args=[person.pk], current_app=self.admin_site.name)
        )

    def impersonate(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Begin to see what this person sees."""
        person = User.objects.filter(pk=pk).first()
        if request.method != "POST" or person is None or not self.has_view_permission(request, person):
            raise Http404
        request.current_app = self.admin_site.name
        return impersonation.answer(request, person, context=self.admin_site.each_context(request))

    @admin.display(description="state")
    def state(self, user: User) -> SafeString:
        """Return the state of the account."""
        state = people_search.state_of(user)
        return format_html('<span class="badge {}">{}</span>', _TONES[state], state.value)

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End every session of the chosen people."""
        self._each(request, queryset, stewardship.sign_out, "signed out")

    @admin.action(description="Unlock after too many wrong passwords", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the chosen accounts be tried again at once."""
        self._each(request, queryset, stewardship.unlock, "unlocked")

    @admin.action(description="Send a link to set a new password", permissions=["change"])
    def send_password_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have a link sent to each of the chosen people."""
        self._each(request, queryset, stewardship.send_password_reset, "sent a link")

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Stop the chosen accounts at once; nobody stops her own."""
        self._each(request, queryset, stewardship.deactivate, "stopped")

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the chosen accounts act again."""
        self._each(request, queryset, stewardship.activate, "active again")

    def _each(self, request: HttpRequest, queryset: QuerySet[User], do: Callable[..., object], participle: str) -> None:
        """Do one thing to each of the chosen, and say for how many it was done and why not for the others."""
        done, refused = 0, {}
        for person in queryset:
            try:
                do(user=person, **doing(request))
                done += 1
            except Refusal as refusal:
                refused[person.email] = refusal.detail
        self.message_user(request, f"{done} {'person' if done == 1 else 'people'} {participle}.", messages.SUCCESS)
        for email, why in refused.items():
            self.message_user(request, f"{email}: {why}", messages.ERROR)
