"""One byte range of an HTTP request (RFC 9110 section 14). Several ranges at once are answered with
the whole.
"""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


class Unsatisfiable(ValueError):
    """The range begins beyond the end."""


@dataclass(frozen=True)
class Range:
    """Bytes `start` to `end`, end excluded."""

    start: int
    end: int


def asked(header: str, *, size: int) -> Range | None:
    """The range asked for; None for none, for one that is malformed and for several. Raises Unsatisfiable."""
    match = _RANGE.match(header.strip().replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = int(last)
        if length == 0 or size == 0:
            raise Unsatisfiable
        return Range(max(0, size - length), size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Range(start, min(size, int(last) + 1) if last else size)
