"""How the mails of a tenant look: its name, its colour, its logo, a line below. Any colour is made legible.

A process remembers a brand for a minute; what it shows may be that old.
"""

import datetime as dt
import re
import time
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from audit import recording
from kit.errors import Invalid
from kit.origin import Origin
from kit.tenants import HOUSE
from notifications.event_types import BRAND_CHANGED
from notifications.models import Brand

NAME, COLOUR = "Gatehouse", "#1f4fbf"
LIGHT_CARD, DARK_CARD = "#ffffff", "#1a1d21"
LEGIBLE = 4.5  # WCAG 2.2, 1.4.3 (AA)
PLEASANT = 6.5  # on dark ground colours look duller than they measure
REMEMBERED = 60.0  # seconds
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_STEPS = 40
_LINEAR = 0.04045  # below it sRGB is a straight line


@dataclass(frozen=True, slots=True)
class Look:
    """A brand with every colour that follows from its one: on light ground and on dark."""

    name: str = NAME
    colour: str = COLOUR
    logo_url: str = ""
    footer: str = ""

    @property
    def on_colour(self) -> str:
        """Black or white, whichever is easier to read on the colour."""
        return readable_on(self.colour)

    @property
    def link(self) -> str:
        """The colour of links on light ground: the brand's, or as much darker as it takes."""
        return adjusted(self.colour, ground=LIGHT_CARD)

    @property
    def dark_link(self) -> str:
        """The colour of links and buttons on dark ground: the brand's, or as much lighter as it takes."""
        return adjusted(self.colour, ground=DARK_CARD, least=PLEASANT)

    @property
    def on_dark_link(self) -> str:
        """Black or white, on a button on dark ground."""
        return readable_on(self.dark_link)


_remembered: dict[UUID, tuple[float, Look]] = {}


def look_of(tenant: UUID = HOUSE) -> Look:
    """Return how a tenant's mails look; the house's own look where it has said nothing."""
    known = _remembered.get(tenant)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    look = of(Brand.objects.filter(tenant=tenant).first())
    _remembered[tenant] = (time.monotonic() + REMEMBERED, look)
    return look


def of(brand: Brand | None) -> Look:
    """Return the look of a brand."""
    if brand is None:
        return Look()
    return Look(brand.name or NAME, brand.colour or COLOUR, brand.logo_url, brand.footer)


def forget() -> None:
    """Read every brand anew."""
    _remembered.clear()


def change(
    *,
    name: str,
    colour: str,
    logo_url: str,
    footer: str,
    actor: UUID,
    now: dt.datetime,
    origin: Origin,
    tenant: UUID = HOUSE,
) -> Brand:
    """Write a tenant's brand. Raises `Invalid`."""
    values = {"name": name.strip(), "colour": colour.strip().lower(), "logo_url": logo_url.strip()}
    values["footer"] = " ".join(footer.split())
    for field, value in values.items():
        check(field, value)
    with transaction.atomic():
        brand, _ = Brand.objects.update_or_create(
            tenant=tenant, defaults={**values, "updated_at": now, "updated_by": actor}
        )
        recording.record(
            BRAND_CHANGED,
            now=now,
            actor=actor,
            target_kind="brand",
            target=tenant,
            details={"name": brand.name, "colour": brand.colour},
            origin=origin,
            tenant=tenant,
        )
    forget()
    return brand


def check(field: str, value: str) -> None:
    """Raise `Invalid` unless a brand may have this value."""
    longest = {"name": 100, "colour": 7, "logo_url": 500, "footer": 500}[field]
    if len(value) > longest:
        raise Invalid(field, f"Use at most {longest} characters.", "max_length")
    if any(char < " " or char == "\x7f" for char in value):
        raise Invalid(field, "Use printable text.", "invalid_text")
    if value:
        _check_form(field, value)


def _check_form(field: str, value: str) -> None:
    """Raise `Invalid` for a colour that is none, or an address that is none."""
    if field == "colour" and not _HEX.match(value):
        raise Invalid(field, "Give a colour as #rrggbb.", "invalid")
    if field == "logo_url" and not re.match(r"https://[^\s\"'<>@]+\Z", value):
        raise Invalid(field, "Give an address that begins with https://.", "invalid")


def luminance(colour: str) -> float:
    """Return how bright a colour is, from 0 to 1 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return how well two colours can be told apart, from 1 to 21."""
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def readable_on(ground: str) -> str:
    """Return black or white, whichever stands out more."""
    return max("#ffffff", "#000000", key=lambda colour: contrast(colour, ground))


def adjusted(colour: str, *, ground: str, least: float = LEGIBLE) -> str:
    """Return a colour, mixed with black or white until it can be read on a ground."""
    towards = readable_on(ground)
    for step in range(_STEPS + 1):
        mixed = _mixed(colour, towards, step / _STEPS)
        if contrast(mixed, ground) >= least:
            return mixed
    return towards


def _mixed(one: str, other: str, share: float) -> str:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
