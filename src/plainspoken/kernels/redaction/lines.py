"""Redaction of JSON lines: {"id", "text"} in, {"id", "spans", "text"} out."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from plainspoken.kernels.redaction.detection import LONGEST, detect_all
from plainspoken.kernels.redaction.persons import NameFinder
from plainspoken.kernels.redaction.spans import mask

LONGEST_LINE = 5_000_000  # bytes of one line
_BATCH = 64  # lines the model sees together
_BATCH_CHARACTERS = 400_000


class LineError(ValueError):
    """A line cannot be read. `line` counts from 1; `reason` says what is wrong and never repeats the line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"Line {line} {reason}.")
        self.line = line
        self.reason = reason


def redact_jsonl(source: Iterable[bytes | str], *, names: NameFinder | None) -> Iterator[dict[str, Any]]:
    """For each line {"id", "text"} a dict {"id", "spans": [{"start", "end", "type"}], "text"}, in the same
    order.

    `start` and `end` are code points of the original text; `text` is masked; other fields are left out,
    because nobody looked at them. Empty lines are skipped. Raises LineError at the first line that is not
    UTF-8, not JSON, not such an object, or longer than 5 MB; earlier lines have been given by then.
    """
    read = (_read(line, number) for number, line in enumerate(source, start=1))
    rows = (row for row in read if row is not None)
    while batch := list(_batch(rows)):
        spans = detect_all([text for _, text in batch], names=names)
        for (name, text), found in zip(batch, spans, strict=True):
            yield {
                "id": name,
                "spans": [{"start": span.start, "end": span.end, "type": span.type} for span in found],
                "text": mask(text, found).text,
            }


def _batch(rows: Iterator[tuple[str | int, str]]) -> Iterator[tuple[str | int, str]]:
    size = 0
    for row in islice(rows, _BATCH):
        yield row
        size += len(row[1])
        if size > _BATCH_CHARACTERS:
            return


def _read(line: bytes | str, number: int) -> tuple[str | int, str] | None:
    if len(line) > LONGEST_LINE:
        raise LineError(number, f"is longer than {LONGEST_LINE // 1_000_000} MB")
    if isinstance(line, bytes):
        try:
            line = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise LineError(number, "is not UTF-8") from error
    if not line.strip():
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError(number, "is not JSON") from error
    if not isinstance(row, dict):
        raise LineError(number, 'is not an object with "id" and "text"')
    name, text = row.get("id"), row.get("text")
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise LineError(number, 'has no "id" that is a text or a whole number')
    if not isinstance(text, str):
        raise LineError(number, 'has no "text" that is a text')
    if len(text) > LONGEST:
        raise LineError(number, f"has a text of more than {LONGEST:,} characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LineError(number, "holds half of a surrogate pair, which is no character") from error
    return name, text
