"""Invitations in the admin: how staff add a person. Whoever is invited chooses a password herself."""

import unicodedata
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts import conf, invitations
from accounts.models import Invitation
from audit.tables import LongTable, ReadOnly, doing
from kit import seams
from kit.clock import utcnow
from kit.errors import Invalid, Refusal


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that is valid when the invitation has been sent: a refusal is an error beside its field.

    Sending in the validation keeps the entry of a refusal, since the page is then answered and not rolled back.
    """

    request: HttpRequest

    email = forms.CharField(label="Address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    roles = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What the person gets on accepting; only what you may give.",
    )

    class Meta:
        model = Invitation
        fields = ("first_name", "last_name", "is_staff")
        labels: ClassVar[dict[str, str]] = {"is_staff": "May open the admin"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = _roles()
        if offered:
            self.fields["roles"].choices = offered  # type: ignore[attr-defined]
        else:
            del self.fields["roles"]

    def clean(self) -> dict[str, Any] | None:
        """Take names as the API takes them: in one line."""
        for name in ("first_name", "last_name"):
            if any(unicodedata.category(char) == "Cc" for char in self.cleaned_data.get(name, "")):
                self.add_error(name, "This text holds a control character.")
        return super().clean()

    def _post_clean(self) -> None:
        """Send the invitation instead of validating the model: its rules are those of `invitations.invite`."""
        if self.errors:
            return
        given = dict(self.cleaned_data)
        roles = tuple({"role": name} for name in given.pop("roles", ()))
        by = doing(self.request)
        try:
            guest = invitations.Guest(**given, grants=roles)
            self.instance = invitations.invite(guest=guest, inviter=by["actor"], now=by["now"], origin=by["origin"])
        except Invalid as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)
        except Refusal as refusal:
            self.add_error(None, refusal.detail)


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, LongTable):
    """Invitations, the newest first: sent again or withdrawn while they are open."""

    list_display = ("address", "state", "is_staff", "created_at", "expires_at")
    search_fields = ("address",)
    search_help_text = "The whole address."
    ordering = ("-id",)
    actions = ("resend", "withdraw")
    add_form_template = "accounts/admin_invite.html"
    fields = (
        *("address", "state", "first_name", "last_name", "locale", "is_staff", "promised"),
        *("invited_by", "created_at", "expires_at", "accepted_at", "withdrawn_at", "user"),
    )
    readonly_fields = fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the form to invite with, which knows who invites."""
        if obj is not None:
            return super().get_form(request, obj, change=change, **kwargs)
        return type("InvitationForm", (InvitationForm,), {"request": request})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it is."""
        return super().add_view(request, form_url, {**(extra_context or {}), "title": "Invite a person"})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what was sent, or the fields to invite with."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["email", *InvitationForm.Meta.fields, *(["roles"] if _roles() else [])]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing: the form has sent the invitation."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Do nothing: an invitation has no rows beside it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the audit log is the record."""
        return None

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm(invitations.PERMISSION))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_invite_permission(self, request: HttpRequest) -> bool:
        """Say whether the actions of the list are offered."""
        return self.has_view_permission(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Invitation], search_term: str
    ) -> tuple[QuerySet[Invitation], bool]:
        """Search by the whole address, which an index answers."""
        term = search_term.strip().lower()
        return (queryset.filter(address=term) if term else queryset), False

    @admin.display(description="state")
    def state(self, invitation: Invitation) -> str:
        """Return what became of it."""
        if invitation.accepted_at:
            return "accepted"
        if invitation.withdrawn_at:
            return "withdrawn"
        return "open" if invitation.expires_at > utcnow() else "expired"

    @admin.display(description="roles")
    def promised(self, invitation: Invitation) -> str:
        """Return the roles that she gets when she accepts."""
        return ", ".join(grant["role"] for grant in invitation.grants) or "none"

    @admin.action(description="Send again", permissions=["invite"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Mail the chosen invitations again; from now on they are this person's word."""
        self._each(request, queryset, invitations.resend, "sent again")

    @admin.action(description="Withdraw", permissions=["invite"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Let the chosen invitations be good no more."""
        self._each(request, queryset, invitations.withdraw, "withdrawn")

    def _each(self, request: HttpRequest, queryset: QuerySet[Invitation], do: Any, participle: str) -> None:
        done = 0
        for invitation in queryset:
            try:
                do(invitation_id=invitation.pk, **doing(request))
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"{invitation.address}: {refusal.detail}", messages.ERROR)
        self.message_user(request, f"{done} invitation{'' if done == 1 else 's'} {participle}.", messages.SUCCESS)


def _roles() -> list[tuple[str, str]]:
    """Return the roles that an invitation may promise, by name, with what to call them."""
    path = conf.invitation_grants()
    return seams.load(f"{path}.choices")() if path else []
