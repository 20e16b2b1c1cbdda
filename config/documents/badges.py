"""docs/images/facts.svg: what the top of the README shows, from the facts themselves and no foreign host."""

import re
import tomllib
from html import escape

from config import __version__
from config.environment import BASE_DIR

HEIGHT = 20
_CHARACTER, _MARGIN, _GAP = 6.6, 7, 6  # pixels; `textLength` makes the text fit whatever font there is
_LEFT, _RIGHT = "#43474e", "#1f5fae"


def make() -> str:
    """Return one picture of all badges."""
    parts, x = [], 0
    for label, value in _facts():
        badge, width = _badge(label, value, x)
        parts.append(badge)
        x += width + _GAP
    told = ", ".join(f"{label} {value}" for label, value in _facts())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{x - _GAP}" height="{HEIGHT}" role="img">',
            f"<title>{escape(told)}</title>",
            '<g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff">',
            *parts,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _facts() -> list[tuple[str, str]]:
    target = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["target-version"]
    pinned = (BASE_DIR / "requirements.txt").read_text(encoding="utf-8")
    django = re.search(r"^django==(\d+\.\d+)", pinned, re.MULTILINE | re.IGNORECASE)
    licence = re.match(r"\s*(\w+) License\s+Version ([\d.]+),", (BASE_DIR / "LICENSE").read_text(encoding="utf-8"))
    return [
        ("version", __version__),
        ("Python", f"{target[2]}.{target[3:]} or newer"),
        ("Django", django[1] if django else "none"),
        ("licence", f"{licence[1]} {licence[2]}" if licence else "none"),
    ]


def _badge(label: str, value: str, x: int) -> tuple[str, int]:
    """Return one badge at `x`, and its width."""
    left, right = (round(len(text) * _CHARACTER) + 2 * _MARGIN for text in (label, value))
    lines = [
        f'<rect x="{x}" width="{left}" height="{HEIGHT}" fill="{_LEFT}"/>',
        f'<rect x="{x + left}" width="{right}" height="{HEIGHT}" fill="{_RIGHT}"/>',
        _text(label, x + _MARGIN, left),
        _text(value, x + left + _MARGIN, right),
    ]
    return "\n".join(lines), left + right


def _text(text: str, x: int, width: int) -> str:
    return f'<text x="{x}" y="14" textLength="{width - 2 * _MARGIN}">{escape(text)}</text>'
