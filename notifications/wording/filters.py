"""The filters that a wording may use. Each is told what it costs before it works; none sees more than its values."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import dateformat, formats
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import escape
from django.utils.text import Truncator, capfirst

from notifications.wording.budgets import Budget, WordingError

MAX_DIGITS = 12
_LONGEST_DATE_PART = 40  # what one letter of a date's format may become


class Markup(str):
    """Text that is HTML already: made here alone, by a filter, never by a context."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """What a filter may know of where it is used."""

    budget: Budget
    line: int
    html: bool


def text_of(value: Any) -> str:
    """Return a value as it is printed: nothing for null, moments and numbers as the language writes them."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return formats.date_format(_in_utc(value), "DATETIME_FORMAT")
    return value if isinstance(value, str) else str(formats.localize(value))


def _in_utc(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC) if value.tzinfo else value


def _text(value: Any, call: Call) -> str:
    text = text_of(value)
    call.budget.charge(len(text), call.line)
    return text


def _default(value: Any, _call: Call, fallback: Any) -> Any:
    return value or fallback


def _upper(value: Any, call: Call) -> str:
    return _text(value, call).upper()


def _lower(value: Any, call: Call) -> str:
    return _text(value, call).lower()


def _title(value: Any, call: Call) -> str:
    return _text(value, call).title()


def _capfirst(value: Any, call: Call) -> str:
    return str(capfirst(_text(value, call)))


def _truncatechars(value: Any, call: Call, length: Any) -> str:
    text = _text(value, call)
    return str(Truncator(text[: _whole(length, call) + 1]).chars(_whole(length, call)))


def _whole(value: Any, call: Call) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WordingError("A whole number is needed here.", line=call.line)
    return max(0, min(value, 1_000_000))


def _length(value: Any, _call: Call) -> int:
    return len(value) if isinstance(value, str | list | dict) else 0


def _join(value: Any, call: Call, between: Any) -> str:
    items = [_text(item, call) for item in value] if isinstance(value, list) else [_text(value, call)]
    separator = text_of(between)
    call.budget.charge(sum(map(len, items)) + len(items) * len(separator), call.line)
    return separator.join(items)


def _pluralize(value: Any, _call: Call, endings: Any = "s") -> str:
    count = len(value) if isinstance(value, list | str | dict) else value
    one, _, many = text_of(endings).rpartition(",")
    return one if count == 1 and not isinstance(count, bool) else many


def _date(value: Any, call: Call, layout: Any = "DATE_FORMAT") -> str:
    return _moment(value, call, layout, time=False)


def _time(value: Any, call: Call, layout: Any = "TIME_FORMAT") -> str:
    return _moment(value, call, layout, time=True)


def _moment(value: Any, call: Call, layout: Any, *, time: bool) -> str:
    if value in {None, ""}:
        return ""
    moment = _parsed(value, call)
    pattern = text_of(layout)
    call.budget.charge(len(pattern) * _LONGEST_DATE_PART, call.line)
    known = formats.get_format(pattern) if pattern.endswith("_FORMAT") and len(pattern) < MAX_DIGITS * 3 else pattern
    write = dateformat.time_format if time else dateformat.format
    try:
        return str(write(moment, str(known)))  # type: ignore[arg-type]
    except (TypeError, AttributeError, ValueError):
        raise WordingError(f"`{pattern[:40]}` does not fit this moment.", line=call.line, word="date") from None


def _parsed(value: Any, call: Call) -> dt.datetime | dt.date | dt.time:
    if isinstance(value, str):
        try:
            value = parse_datetime(value[:40]) or parse_date(value[:40])
        except ValueError:
            value = None
    if isinstance(value, dt.datetime):
        return _in_utc(value)
    if isinstance(value, dt.date | dt.time):
        return value
    raise WordingError("This is no moment.", line=call.line, word="date")


def _floatformat(value: Any, call: Call, digits: Any = 2) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 10**15:
        raise WordingError("`floatformat` takes a number.", line=call.line, word="floatformat")
    return formats.number_format(f"{value:.{min(_whole(digits, call), MAX_DIGITS)}f}")


def _linebreaksbr(value: Any, call: Call) -> str:
    text = _text(value, call)
    if not call.html:
        return text
    lines = escape("\n".join(text.splitlines()) if not isinstance(value, Markup) else text)
    call.budget.charge(len(lines), call.line)
    return Markup(lines.replace("\n", "<br>"))


def _first(value: Any, _call: Call) -> Any:
    return value[0] if isinstance(value, list | str) and value else ""


def _last(value: Any, _call: Call) -> Any:
    return value[-1] if isinstance(value, list | str) and value else ""


def _yesno(value: Any, _call: Call, words: Any = "yes,no") -> str:
    yes, _, no = text_of(words).partition(",")
    return yes if value else no


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter, and how many arguments it takes at least and at most (none or one)."""

    apply: Callable[..., Any]
    least: int = 0
    most: int = 0


FILTERS = {
    "capfirst": Filter(_capfirst),
    "date": Filter(_date, most=1),
    "default": Filter(_default, least=1, most=1),
    "first": Filter(_first),
    "floatformat": Filter(_floatformat, most=1),
    "join": Filter(_join, least=1, most=1),
    "last": Filter(_last),
    "length": Filter(_length),
    "linebreaksbr": Filter(_linebreaksbr),
    "lower": Filter(_lower),
    "pluralize": Filter(_pluralize, most=1),
    "time": Filter(_time, most=1),
    "title": Filter(_title),
    "truncatechars": Filter(_truncatechars, least=1, most=1),
    "upper": Filter(_upper),
    "yesno": Filter(_yesno, most=1),
}
