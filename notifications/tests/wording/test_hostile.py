"""500 wordings of an attacker: none reads a setting, opens a file or a connection, or runs past its limits."""

import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings

from kit.errors import Invalid
from notifications.wording import markup, sandbox
from notifications.wording.budgets import MAX_OUTPUT, WordingError

REACHES = (
    *("settings.SECRET_KEY", "request.user", "x.__class__.__mro__", "x.__init__.__globals__", "self", "block.super"),
    *("messages.storages.0.signer.key", "user.password", "forloop.parentloop", "debug", "sql_queries", "perms.auth"),
    *(
        "x.__class__.__base__.__subclasses__",
        "config",
        "x|attr:'__class__'",
        "x|safe",
        "x|pprint",
        "x|random",
        "''|add:x",
    ),
    *(
        "x.format",
        "x|stringformat:'s'",
        "range.0",
        "7*7",
        "x['y']",
        "x if x else y",
        "lambda: 1",
        "x|map:'y'",
        "cycler",
    ),
    *(
        "'{0.__class__}'.format",
        "x|stringformat:'999999999d'",
        "x|center:99999999",
        "x * 99999999",
        "xs.-1",
        "xs.append",
    ),
    *(
        "\uff58",
        "x\u2024__class__",
        "x\u200b.y",
        "xs.\u0663",
        "xs." + "9" * 60,
        "x|\uff53afe",
        "x|safe\u200b",
        "\u202ex",
    ),
    *("lipsum.__globals__", "namespace", "get_flashed_messages", "url_for.__globals__", "app.config", "true and 1/0"),
)
TAGS = (
    *("load static", "include '/etc/passwd'", "extends 'admin/base.html'", "ssi '/etc/passwd'", "debug", "csrf_token"),
    *("url 'admin:index'", "now 'U'", "get_static_prefix", "with x=settings", "filter safe", "autoescape off", "raw"),
    *(
        "block content",
        "cycle 'a' 'b'",
        "firstof x",
        "lorem 100000 p",
        "import os",
        "set x = 1",
        "macro x()",
        "verbatim",
    ),
    *(
        "regroup x by y as z",
        "templatetag openblock",
        "widthratio 1 2 3",
        "spaceless",
        "localize on",
        "trans 'x'",
        "do x",
    ),
    *("from x import y", "call x", "for _ in x", "for a in range(999999999)", "if x.__class__", "language 'de'"),
    *(
        "\u0456f x",
        "for __class__ in xs",
        "for forloop in xs",
        "include x",
        "include big",
        "for a in x.items",
        "endfor",
    ),
)
FLOODS = (
    *("{% for a in xs %}" * depth + "{{ a }}" + "{% endfor %}" * depth for depth in (2, 3, 5, 9, 19, 25, 900)),
    *("{% for a in xs %}{{ big }}{{ big|upper|title|lower }}{{ xs|join:big }}{% endfor %}", "{{ xs|join:big|length }}"),
    *("{{ big|" + "title|" * count + "upper }}" for count in (10, 100, 1000)),
    *(
        mark * 20_000
        for mark in ("{", "{{", "{%", "{#", "}}", "%}", "{{ x", "{% if x %}", "{{x}}", "<a ", "<!--", "\x00")
    ),
    "{{ big|date:'" + "l" * 400 + "' }}",
    "{{ 1|floatformat:99999999 }}",
    "{{ x|truncatechars:99999999999 }}",
    "{% if " + "x and " * 5000 + "x %}{% endif %}",
    *("<a" + blank * 1990 for blank in (" ", "=", "-", "/", "\u00a0")),
    *(("<a" + blank * 1990) * 32 for blank in (" ", "=", "-", "/", "\u00a0")),
    *(
        "{% for a in xs %}" + mark * (1700 // len(mark)) + "{% endfor %}"
        for mark in ("<a", "<a '", "<b>", "<!--", "&#")
    ),
    *(
        "{% for a in xs %}{% if " + test + " %}{% endif %}{% endfor %}"
        for test in ("big == big", "'z' in big", "a in xs")
    ),
    "{% for a in xs %}{{ xs|join:big }}{{ xs|join:x|length }}{% endfor %}",
    "{% if not x %}" + "{% elif not x %}" * 3500 + "{% endif %}",
    ("{% if " + "not x or " * 19 + "x %}a{% endif %}") * 250,
    ("{% if x %}" * 20 + "{% endif %}" * 20) * 150,
    "{{ '2026-11-22T03:04'|date:big }}",
    "<b>" * 15_000,
    "{{ 10000000000000000000|floatformat:12 }}",
    "{{ x|truncatechars:-5 }}",
    "{% comment %}{% endcomment %}" * 2000,
)
ELSEWHERE = (
    "${{{}}}",
    "#{{{}}}",
    "<%= {} %>",
    "@({})",
    "[[{}]]",
    "<#assign x={}>",
    "{{{{constructor.constructor('{}')()}}}}",
)
MARKUP = (
    *("<script>{}</script>", "<img src=x onerror={}>", "<a href='javascript:{}'>x</a>", "<iframe src='file:///{}'>"),
    *(
        "<link rel=import href='{}'>",
        "<style>@import '{}'</style>",
        "<object data='{}'>",
        "<svg onload={}>",
        "<base href='{}'>",
    ),
)


def bodies() -> list[str]:
    around = (
        "{0}",
        "a\n{0}\nb",
        "{{% if x %}}{0}{{% endif %}}",
        "{{% for a in xs %}}{0}{{% endfor %}}",
        "<p title='{0}'>",
    )
    reaches = [shell.format(f"{{{{ {reach} }}}}") for reach, shell in itertools.product(REACHES, around)]
    tags = [shell.format(f"{{% {tag} %}}") for tag, shell in itertools.product(TAGS, around)]
    asked = [f"{{% if {reach} %}}x{{% endif %}}{{% for a in {reach} %}}{{{{ a }}}}{{% endfor %}}" for reach in REACHES]
    other = [shell.format(reach) for reach, shell in itertools.product(REACHES[:8], (*ELSEWHERE, *MARKUP))]
    return list(dict.fromkeys([*reaches, *tags, *asked, *other, *FLOODS]))


BODIES = bodies()
CONTEXT: dict[str, Any] = {"x": "value", "xs": list(range(300)), "big": "big words " * 2000}
events: list[str] = []
watched: list[bool] = []


def note(event: str, _args: object) -> None:
    if watched and event.startswith(("open", "socket.", "subprocess.", "os.", "exec", "compile", "import", "ctypes.")):
        events.append(event)


sys.addaudithook(note)


@contextmanager
def watching() -> Iterator[None]:
    """Have the interpreter itself tell of each file, connection, import and program."""
    watched.append(True)
    try:
        yield
    finally:
        watched.clear()


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    sandbox.compiled("{{ 1.5 }}{{ '2026-01-01'|date }}{{ x|upper }}").render({"x": 1})


def test_there_are_five_hundred() -> None:
    assert len(BODIES) >= 500


@pytest.mark.parametrize("number", range(0, len(BODIES), 10))
def test_nothing_is_reached(number: int) -> None:
    secrets = [settings.SECRET_KEY, settings.VAULT_KEYS, "root:x:", "<class", "object at 0x"]
    for body in BODIES[number : number + 10]:
        events.clear()
        began = time.thread_time()
        with watching():
            said = _said(body)
        assert time.thread_time() - began < 2, body[:80]
        assert events == [], body[:80]
        assert len(said) <= 6 * MAX_OUTPUT
        assert not [secret for secret in secrets if secret and secret in said], body[:80]


@pytest.mark.parametrize("body", [shell.format("alert(1)") for shell in MARKUP])
def test_no_markup_that_acts_is_left(body: str) -> None:
    said = _said(body).lower()
    assert not [
        word for word in ("<script", "onerror", "onload", "javascript:", "<iframe", "<style", "file:") if word in said
    ]


def _said(body: str) -> str:
    try:
        wording = sandbox.compiled(body)
        text = wording.render(CONTEXT)
        html, _ = markup.clean(wording.render(CONTEXT, html=True))
    except (WordingError, Invalid):
        return ""
    return html if "<" in body else text + html
