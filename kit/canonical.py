"""One canonical form for names that identify a person: NFKC, then casefold, then NFKC again (UAX #31, UTS #39).

Look-ups compare canonical forms by equality, so `Anna@Example.com` and its full-width twin are one account.
"""

import re
import unicodedata

from kit.errors import Invalid

MAX_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
MAX_LOCAL_PART = 64
MIN_USERNAME, MAX_USERNAME = 2, 64

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")  # of folded text: IGNORECASE would take an \u0131
_USERNAME = re.compile(r"\w(?:[\w.-]*\w)?\Z")
_FILLERS = frozenset("\u115f\u1160")  # letters to Unicode, and yet nothing to see; NFKC leaves no others


def fold(text: str) -> str:
    """Return the canonical form of any text: white space trimmed, NFKC, casefolded."""
    folded = unicodedata.normalize("NFKC", text.strip()).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def address(text: str, *, field: str = "email") -> str:
    """Return the canonical form of an e-mail address, or raise `Invalid`.

    Plain dot-atom addresses on a domain name only (RFC 5321): no quoted local part, comment, IP literal or
    control character. Sub-addresses (`+tag`) and dots stay distinct.
    """
    folded = fold(text) if len(text) <= MAX_ADDRESS else ""  # what is far too long costs nothing
    local, at, domain = folded.rpartition("@")
    labels = domain.split(".")
    well_formed = (
        at
        and len(folded) <= MAX_ADDRESS
        and len(local) <= MAX_LOCAL_PART
        and _LOCAL.match(local)
        and len(labels) > 1
        and all(_LABEL.match(label) for label in labels)
        and not labels[-1].isdigit()
    )
    if not well_formed:
        raise Invalid(field, "Enter an e-mail address such as anna@example.com.", "invalid_email")
    return folded


def username(text: str, *, field: str = "username") -> str:
    """Return the canonical form of a user name, or raise `Invalid`.

    Letters, digits, dot, hyphen and underscore; letters of one script only, nothing invisible (UTS #39).
    A user name never holds an `@`, so that names and addresses share one namespace without clashing.
    """
    folded = fold(text)
    if not MIN_USERNAME <= len(folded) <= MAX_USERNAME or not _USERNAME.match(folded) or _FILLERS.intersection(folded):
        raise Invalid(
            field,
            "Use 2 to 64 letters, digits, dots, hyphens or underscores, beginning and ending with a letter or digit.",
            "invalid_username",
        )
    if len(_scripts(folded)) > 1:
        raise Invalid(field, "Use letters of one alphabet only.", "mixed_scripts")
    return folded


def _scripts(text: str) -> set[str]:
    """Return the scripts of the letters and of all digits but 0 to 9, by the first word of their Unicode names."""
    own = [char for char in text if char.isalpha() or (char.isnumeric() and not char.isascii())]
    return {unicodedata.name(char, "UNKNOWN").split()[0].partition("-")[0] for char in own}
