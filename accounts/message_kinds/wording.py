"""What people and programs say of themselves, as it may stand in a mail of ours.

Whoever has somebody's password, session or registration chooses these words, and the mail that warns her of it goes out
under our name: no word of theirs may read as ours. So a name is a short name or is left out, and of a program's own
account of itself only what we know or one plain word is told.
"""

import re
import unicodedata

MAX_NAME, MAX_DEVICE, MAX_DIGITS = 40, 40, 6  # with fewer digits than a telephone number has

_NAME_MARKS = frozenset(" -'\u2019.")
_DEVICE_MARKS = frozenset(" -'\u2019_()+,&#")
_ADDRESS_LIKE = re.compile(r"\.\S|www", re.IGNORECASE)  # a dot within a word is what mail programs make a link of
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,23}(?=[/ ]|\Z)")
_BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome")),
    *(("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Macintosh", "a Mac"), ("Linux", "Linux")),
)


def person(name: str) -> str:
    """Return a person's name for a greeting; empty for a text that is more, or something else, than a name."""
    return name if len(name) <= MAX_NAME and _is_plain(name, marks=_NAME_MARKS, digits=0) else ""


def device(name: str) -> str:
    """Return what somebody calls a device; empty for a text that is more, or something else, than such a name."""
    return name if len(name) <= MAX_DEVICE and _is_plain(name, marks=_DEVICE_MARKS, digits=MAX_DIGITS) else ""


def program(agent: str) -> str:
    """Return which program a user agent tells of: a browser and its system, or its first word; empty otherwise."""
    browser, system = _known(agent, _BROWSERS), _known(agent, _SYSTEMS)
    if browser:
        return f"{browser} on {system}" if system else browser
    word = _WORD.match(agent)
    return word[0] if word and not _ADDRESS_LIKE.search(word[0]) else ""


def _known(agent: str, named: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in named if sign in agent), "")


def _is_plain(text: str, *, marks: frozenset[str], digits: int) -> bool:
    """Say whether a text is letters and a few marks, perhaps some digits, and nothing that could be an address."""
    kinds = [unicodedata.category(char)[0] for char in text if char not in marks]
    return set(kinds) <= set("LMN") and kinds.count("N") <= digits and not _ADDRESS_LIKE.search(text)
