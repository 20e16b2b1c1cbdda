"""The engine of wordings: Django's syntax, and nothing behind a name but plain data."""

import datetime as dt
from typing import Any

import pytest

from kit.errors import Invalid
from notifications.wording import sandbox
from notifications.wording.budgets import MAX_CONTEXT, MAX_SOURCE, MissingVariable, TooMuch, WordingError

AT = dt.datetime(2026, 11, 22, 3, 4, tzinfo=dt.UTC)


def say(source: str, *, html: bool = False, **context: Any) -> str:
    return sandbox.compiled(source).render(context, html=html)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Hello {{ name }}!", "Hello Anna!"),
        ("{{ name|upper }} {{ name|lower }} {{ 'the end'|title }}", "ANNA anna The End"),
        ("{% if name == 'Anna' and not nobody %}yes{% else %}no{% endif %}", "yes"),
        ("{% if count > 5 %}many{% elif count > 1 %}some{% else %}one{% endif %}", "some"),
        ("{% if 'pear' in fruit or count == 9 %}yes{% endif %}", "yes"),
        ("{% if name > 3 %}yes{% else %}cannot be compared{% endif %}", "cannot be compared"),
        (
            "{% for a in fruit %}{{ forloop.counter }}. {{ a }}{% if not forloop.last %}, {% endif %}{% endfor %}",
            "1. apple, 2. pear",
        ),
        ("{% for one in nobody %}x{% empty %}none{% endfor %}", "none"),
        ("{{ order.lines.0.what }}", "book"),
        ("{{ at|date:'j F Y H:i' }} {{ at|time:'H:i' }}", "22 November 2026 03:04 03:04"),
        ("{{ when|date:'j.n.Y' }}", "22.11.2026"),
        ("{{ price|floatformat:2 }} {{ price|floatformat:0 }}", "3.14 3"),
        ("{{ fruit|join:', ' }} {{ fruit|length }} fruit{{ fruit|pluralize }}", "apple, pear 2 fruits"),
        ("{{ count|pluralize:'y,ies' }} {{ nothing|default:'-' }} {{ name|truncatechars:3 }}", "ies - An…"),
        ("{{ name|first }}{{ name|last }} {{ name|yesno:'on,off' }}", "Aa on"),
        ("a{# not said #}b{% comment %}{{ neither }}{% load %}{% endcomment %}c", "abc"),
        ("{{ nothing }}{{ 'x' }} { { } } {x}", "x { { } } {x}"),
    ],
)
def test_syntax(source: str, said: str) -> None:
    context: dict[str, Any] = {
        "name": "Anna",
        "count": 2,
        "fruit": ["apple", "pear"],
        "nobody": [],
        "nothing": None,
        "at": AT,
    }
    more: dict[str, Any] = {"order": {"lines": [{"what": "book"}]}, "when": "2026-11-22T10:00:00Z", "price": 3.14159}
    assert say(source, **context, **more) == said


def test_html_is_escaped_and_text_is_not() -> None:
    assert say("{{ x }}", x="<b>&") == "<b>&"
    assert say("{{ x }}", x="<b>&", html=True) == "&lt;b&gt;&amp;"
    assert say("{{ x|linebreaksbr|default:'-' }}", x="a\n<b>", html=True) == "a<br>&lt;b&gt;"
    assert say("{{ x|linebreaksbr|upper }}", x="a\n<b>", html=True) == "A&lt;BR&gt;&amp;LT;B&amp;GT;"


@pytest.mark.parametrize(
    "value",
    [
        "{{7*7}}",
        "{% load x %}",
        "{{request}}",
        "{{settings.SECRET_KEY}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{0.__class__}",
        "%(x)s",
        "{{ '' }}",
        "{%",
        "{#",
    ],
)
def test_values_are_printed_literally(value: str) -> None:
    assert say("[{{ x }}|{{ l.0 }}]", x=value, l=[value]) == f"[{value}|{value}]"


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ("a\n{% load static %}", 2, "load"),
        ("\n\n{{ x|safe }}", 3, "safe"),
        ("{{ x.__class__ }}", 1, "x.__class__"),
        ("{{ x() }}", 1, "()"),
        ("{% if x %}\nnever ended", 1, "if"),
        ("{% for a, b in x %}{% endfor %}", 1, "a, b"),
        ("{% endif %}", 1, "endif"),
        ("{{ x", 1, "{{"),
        ("{{ x|upper:'y' }}", 1, "upper"),
        ("{% if x y %}{% endif %}", 1, "y"),
    ],
)
def test_mistakes_are_told_by_line_and_word(source: str, line: int, word: str) -> None:
    with pytest.raises(WordingError) as caught:
        sandbox.compiled(source)
    assert (caught.value.line, caught.value.word) == (line, word)


def test_missing_name_is_an_error_also_where_it_is_only_asked_about() -> None:
    for source in ("{{ x }}", "{% if x %}{% endif %}", "{{ y|default:x }}", "{% for a in x %}{% endfor %}"):
        with pytest.raises(MissingVariable, match="`x` is not given"):
            say(source, y="")
    with pytest.raises(MissingVariable, match=r"order\.price"):
        say("{{ order.price }}", order={"number": 1})


def test_names_that_a_wording_needs_are_known_without_rendering_it() -> None:
    source = "{{ a.b|default:c }}{% for d in e %}{{ d }}{{ forloop.last }}{% endfor %}{% if f in g %}{% endif %}{{ d }}"
    assert sandbox.compiled(source).names == {"a", "c", "d", "e", "f", "g"}


class Loud:
    """Something with an attribute and a method; neither is ever reached."""

    secret = "s3cr3t"

    def __str__(self) -> str:
        raise AssertionError


@pytest.mark.parametrize("value", [Loud(), {"deep": Loud()}, [Loud], len, {1: 2}, float("inf"), 10**30, b"x", {"x"}])
def test_context_that_is_no_plain_data_is_refused(value: Any) -> None:
    with pytest.raises(Invalid, match=r"Use"):
        say("{{ x }}", x=value)


@pytest.mark.parametrize("name", ["upper", "format", "keys", "items", "real", "year", "append", "denominator"])
def test_attributes_and_methods_of_plain_data_are_unknown(name: str) -> None:
    values: list[Any] = ["text", {}, [], 1, 1.5, AT, True]
    for value in values:
        with pytest.raises(MissingVariable):
            say(f"{{{{ x.{name} }}}}", x=value)


def test_context_is_bounded() -> None:
    with pytest.raises(Invalid, match="64 KiB"):
        say("", x="x" * MAX_CONTEXT)
    deep: Any = []
    for _ in range(50):
        deep = [deep]
    with pytest.raises(Invalid, match="deep"):
        say("", x=deep)


@pytest.mark.parametrize(
    "source",
    [
        "x" * (MAX_SOURCE + 1),
        "{%" * 30_000,
        "{{" * 30_000,
        "{% if a %}" * 3000,
        "{% if " + "not " * 200 + "a %}{% endif %}",
        "{{ a" + "|upper" * 9000 + " }}",
        "{% for a in x %}" * 20 + "{{ a }}" + "{% endfor %}" * 20,
        "{% for a in x %}{% for b in x %}{% for c in x %}{{ y|join:y }}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in x %}{% for b in x %}{{ t }}{% endfor %}{% endfor %}",
        "{% for a in x %}{% for b in x %}{% if d|date:'" + "l" * 490 + "' == '' %}{% endif %}{% endfor %}{% endfor %}",
        "{% for a in x %}{% for b in x %}{% if t in t %}{% endif %}{% endfor %}{% endfor %}",
    ],
)
def test_what_is_too_much_ends_soon(source: str) -> None:
    started = dt.datetime.now(dt.UTC)
    with pytest.raises(WordingError):
        say(source, a="x", x=list(range(400)), y=["abc"] * 900, d=AT.date(), t="t" * 20_000)
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=5)


def test_limit_of_output() -> None:
    with pytest.raises(TooMuch, match="makes more than"):
        say("{% for a in x %}{{ t }}{% endfor %}", x=[0] * 100, t="t" * 20_000)
