"""Where the link of a mail lands: on this service's own page, or on one of the client's that the operator has named.

The operator names beginnings (`ACCOUNTS_LINK_URLS`), each an origin with a path. A client's URL must have exactly that
origin, and that path or one below it; how it is spelled leaves a browser no room to read something else in it.
"""

import re
from urllib.parse import unquote, urlsplit

from accounts import conf
from kit.errors import Invalid

MAX_LANDING = 400  # characters; with the token it stays within what every mail program shows as one link

# Scheme, host in lower case, perhaps a port, path, perhaps a query: no name or password before the host, no fragment.
# Nothing encoded and no backslash in the path, so that no reader can find another path in it than we do.
_URL = re.compile(
    r"(?P<origin>https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*)"
    r"(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@/%-]*)?\Z"
)
_TOKEN = re.compile(r"[?&;]\+*token(\[|=|&|;|\Z)", re.IGNORECASE)  # as some reader of a query might find one
_DOTS = frozenset({".", ".."})


def require_allowed(url: str, *, field: str = "link_url") -> str:
    """Return a client's landing URL as it is; the empty text is our own page. Raises `Invalid` on `field`.

    A query may be part of it, but no `token`: that is what is added.
    """
    if not url:
        return ""
    match = _URL.match(url) if len(url) <= MAX_LANDING else None
    if match is None or _TOKEN.search(unquote(url)) or _DOTS.intersection(match["path"].split("/")):
        raise Invalid(field, "Enter a plain http or https address without a fragment or a token.", "invalid_url")
    if not any(_leads_below(match["origin"], match["path"], named) for named in conf.link_urls()):
        raise Invalid(field, "Links may not lead there. The operator names the addresses that they may.", "not_allowed")
    return url


def is_nameable(url: str) -> bool:
    """Say whether an operator may name this as a beginning: an origin, perhaps with a path, and nothing else."""
    match = _URL.match(url)
    return match is not None and match["query"] is None and not _DOTS.intersection(match["path"].split("/"))


def _leads_below(origin: str, path: str, named: str) -> bool:
    parts = urlsplit(named)
    beginning = parts.path.rstrip("/")
    return origin == f"{parts.scheme}://{parts.netloc}" and (path == beginning or path.startswith(f"{beginning}/"))
