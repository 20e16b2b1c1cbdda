"""Reads a QR code (ISO/IEC 18004) from the path that a page draws it with, as a telephone reads it from the screen.

What is drawn is whole, so that the error correction is not needed: its bytes are passed over.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from segno import consts

QUIET = 4  # modules of margin
LEVELS = {0: consts.ERROR_LEVEL_M, 1: consts.ERROR_LEVEL_L, 2: consts.ERROR_LEVEL_H, 3: consts.ERROR_LEVEL_Q}
MASKS: list[Callable[[int, int], int]] = [
    lambda i, j: (i + j) % 2,
    lambda i, _: i % 2,
    lambda _, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: (i * j) % 2 + (i * j) % 3,
    lambda i, j: ((i * j) % 2 + (i * j) % 3) % 2,
    lambda i, j: ((i + j) % 2 + (i * j) % 3) % 2,
]
BYTES = 4  # the mode of plain bytes
_RUN = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def read(path: str, width: int) -> str:
    """Return the text of a code `width` modules wide with its margin, drawn as runs of dark modules."""
    dark, size = _dark(path), width - 2 * QUIET
    version = (size - 17) // 4
    form = sum(((8, column) in dark) << bit for bit, column in zip(range(14, 8, -1), (0, 1, 2, 3, 4, 5), strict=True))
    form = (form ^ 0x5412) >> 9  # its last bits correct the first five, of which three say the mask
    level, mask = LEVELS[form >> 4], MASKS[form >> 1 & 7]
    bits = [((row, column) in dark) ^ (mask(row, column) == 0) for row, column in _data_modules(size, version)]
    words = [_number(bits[start : start + 8]) for start in range(0, len(bits) - 7, 8)]
    stream = [bool(word >> bit & 1) for word in _in_order(words, version, level) for bit in range(7, -1, -1)]
    assert _number(stream[:4]) == BYTES
    wide = 8 if version < 10 else 16
    length = _number(stream[4 : 4 + wide])
    rest = stream[4 + wide : 4 + wide + 8 * length]
    return bytes(_number(rest[start : start + 8]) for start in range(0, len(rest), 8)).decode()


def _dark(path: str) -> set[tuple[int, int]]:
    """Return row and column of each dark module, from the margin's inner edge."""
    found, x, y = set(), 0.0, 0.0
    for kind, first, second in _RUN.findall(path):
        if kind == "M":
            x, y = float(first), float(second)
        elif kind == "m":
            x, y = x + float(first), y + float(second)
        else:
            found |= {(int(y) - QUIET, int(x) + step - QUIET) for step in range(int(float(first)))}
            x += float(first)
    return found


def _number(bits: list[bool]) -> int:
    return sum(bit << place for place, bit in enumerate(reversed(bits)))


def _data_modules(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Yield the modules that carry data, in their order: by pairs of columns from the right, up and down in turn."""
    fixed = _fixed(size, version)
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            yield from ((row, column) for column in (right, right - 1) if (row, column) not in fixed)
        upwards = not upwards


def _fixed(size: int, version: int) -> set[tuple[int, int]]:
    """Return the modules of the patterns that every code of this size has."""
    near, far, whole = range(9), range(size - 8, size), range(size)
    areas = [(near, near), (near, far), (far, near), (range(6, 7), whole), (whole, range(6, 7))]
    if version >= 7:
        areas += [(range(6), range(size - 11, size - 8)), (range(size - 11, size - 8), range(6))]
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    marks = set(product(centres, repeat=2)) - {(6, 6), (6, size - 7), (size - 7, 6)}
    areas += [(range(row - 2, row + 3), range(column - 2, column + 3)) for row, column in marks]
    return {module for rows, columns in areas for module in product(rows, columns)}


def _in_order(words: list[int], version: int, level: int) -> list[int]:
    """Return the data bytes, block after block: they are drawn a byte of each block in turn."""
    table: Any = consts.ECC
    lengths = [block.num_data for block in table[version][level] for _ in range(block.num_blocks)]
    blocks: list[list[int]] = [[] for _ in lengths]
    taken = iter(words)
    for place in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if place < length:
                block.append(next(taken))
    return [word for block in blocks for word in block]
