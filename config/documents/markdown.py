"""The little Markdown that the documents need."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made of the code by `make docs`. Do not edit: change the code. -->"


def page(title: str, *parts: str) -> str:
    """Return a document: its mark, its title, and its parts with an empty line between them."""
    return "\n\n".join([MADE, f"# {title}", *(part for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a `|` within a cell stays part of it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(*names: str) -> str:
    """Return names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)
