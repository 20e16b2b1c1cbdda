"""The floor under readability, by radon: no function over cyclomatic complexity 10, no module under index 20.

radon itself only reports. It counts more than ruff's C901: every condition of an `and`, and of a comprehension. But it
lists neither functions within functions nor classes within `try`; so each function is handed to it by itself.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from radon.complexity import cc_visit_ast
from radon.metrics import mi_visit

from config.testing.gates.catalogue import PACKAGES, ROOT

MAX_COMPLEXITY = 10
MIN_INDEX = 20


def find_breaches(path: Path) -> Iterator[str]:
    """Yield what of a module is too complex, with its measure."""
    source = path.read_text(encoding="utf-8")
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            (block,) = cc_visit_ast(node, no_assert=True)  # an assertion is no branch
            if block.complexity > MAX_COMPLEXITY:
                yield f"{shown}:{block.lineno} {block.name}: complexity {block.complexity} > {MAX_COMPLEXITY}"
    index = mi_visit(source, multi=True)
    if index < MIN_INDEX:
        yield f"{shown}: maintainability index {index:.1f} < {MIN_INDEX}"


def main() -> int:
    """Tell what is too complex, and return the exit status."""
    modules = sorted([*ROOT.glob("*.py"), *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))])
    breaches = [breach for path in modules for breach in find_breaches(path)]
    print("\n".join(breaches) or f"{len(modules)} modules are simple enough.")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
