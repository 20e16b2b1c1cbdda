"""The words of a request: the caller's own, or those of a template filled with what she gave.

They are made when the message is accepted and kept with it, with the version that they were made from: what is wrong
with them is told to the caller, and nothing that staff change later changes what was accepted.
"""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from kit.errors import Invalid, Refusal
from kit.tenants import HOUSE
from notifications import wording
from notifications.requests import checking
from notifications.requests.base import MessageRequest
from notifications.wording import brands
from notifications.wording.brands import Look
from notifications.wording.budgets import MAX_SECONDS_OF_CALL
from notifications.wording.engine import Wording

MAX_WORDS = 32 * 1024**2  # characters that the templates of one call may come to


class TooMuchToSay(Refusal):
    """The templates of one call came to more than is held in memory at once."""

    code = "payload_too_large"
    default_detail = "The templates of this call come to too much text. Send fewer messages at once."


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A request whose words are known, and what they were made from."""

    request: MessageRequest
    version: UUID | None = None
    category: str = ""


class Filler:
    """Fills the requests of one call, reading each template once."""

    def __init__(self, tenant: UUID = HOUSE) -> None:
        self._tenant = tenant
        self._shelf = wording.Shelf(tenant)
        self._room = MAX_WORDS
        self._seconds = MAX_SECONDS_OF_CALL

    @cached_property
    def _look(self) -> Look:
        return brands.look_of(self._tenant)

    def channels_of(self, template: str) -> list[str]:
        """Return the channels that a template has words for. Raises `Invalid` where there is no such template."""
        channels = self._shelf.channels(template)
        if not channels:
            raise Invalid("template", "There is no such template.", "unknown_template")
        return channels

    def filled(self, request: MessageRequest) -> Filled:
        """Return a request with its words. Raises a `Refusal` naming what is wrong: `context.<name>`, for instance."""
        if not request.template:
            return Filled(request=request)
        found = self._shelf.find(name=request.template, channel=request.channel, locale=request.locale)
        if found is None:
            raise Invalid("template", "There is no such template for this channel.", "unknown_template")
        if self._room <= 0:
            raise TooMuchToSay
        worded = self._worded(found, request)
        self._room -= len(worded.text) + len(worded.html)
        if self._room < 0:
            raise TooMuchToSay
        return Filled(request=worded, version=found.version, category=found.category)

    def _worded(self, found: Wording, request: MessageRequest) -> MessageRequest:
        """Return a request with the words of a template, within the time that the call still has. Raises `Invalid`."""
        if self._seconds <= 0:
            raise Invalid(
                "template", "The templates of this call take too long. Send fewer messages at once.", "too_long"
            )
        began = time.thread_time()
        try:
            words = wording.render(
                found, request.context, locale=request.locale, look=self._look, seconds=self._seconds
            )
        finally:
            self._seconds -= time.thread_time() - began
        worded = replace(request, subject=words.subject, text=words.text, html=words.html)
        try:
            checking.check_words(worded)
        except Invalid as mistake:
            raise Invalid("template", f"What it comes to cannot be sent. {mistake.detail}", mistake.reason) from None
        return worded
