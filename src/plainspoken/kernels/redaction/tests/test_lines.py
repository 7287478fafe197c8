import json

import pytest

from plainspoken.kernels.redaction import LABELS, TYPES
from plainspoken.kernels.redaction.lines import LONGEST_LINE, LineError, redact_jsonl


def test_offsets_are_code_points_of_the_original() -> None:
    text = "😀 Größe: 4111 1111 1111 1111 😀"
    (row,) = redact_jsonl([json.dumps({"id": "a", "text": text, "note": "4111111111111111"})], names=None)
    assert row["id"] == "a" and set(row) == {"id", "spans", "text"}
    (span,) = row["spans"]
    assert text[span["start"] : span["end"]] == "4111 1111 1111 1111" and span["type"] == "CARD"
    assert row["text"] == "😀 Größe: [card number] 😀"


def test_order_empty_lines_bytes_and_byte_order_mark() -> None:
    source = [b'\xef\xbb\xbf{"id": 1, "text": ""}\n', b"\n", b'{"id": "x", "text": "pin is 4411"}']
    assert [(row["id"], row["text"]) for row in redact_jsonl(source, names=None)] == [
        (1, ""),
        ("x", "pin is [pin or password]"),
    ]
    many = (json.dumps({"id": n, "text": "n"}) for n in range(1000))
    assert [row["id"] for row in redact_jsonl(many, names=None)] == list(range(1000))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not an object"),
        ('"text"', "not an object"),
        ('{"text": "a"}', '"id"'),
        ('{"id": true, "text": "a"}', '"id"'),
        ('{"id": 1.5, "text": "a"}', '"id"'),
        ('{"id": 1}', '"text"'),
        ('{"id": 1, "text": null}', '"text"'),
        ('{"id": 1, "text": ["4111111111111111"]}', '"text"'),
        (b'{"id": 1, "text": "\xff"}', "not UTF-8"),
        ('{"id": 1, "text": "\\ud800"}', "surrogate"),
        ("[" * 100_000, "not JSON"),
        (b'{"id": 1, "text": "' + b"a" * LONGEST_LINE + b'"}', "longer than 5 MB"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_never_repeated(line: str | bytes, reason: str) -> None:
    with pytest.raises(LineError, match=reason) as caught:
        list(redact_jsonl(['{"id": 0, "text": "a"}', "", line], names=None))
    assert caught.value.line == 3
    assert "4111" not in str(caught.value) and len(str(caught.value)) < 120


def test_every_type_has_a_label_of_its_own() -> None:
    assert set(LABELS) == set(TYPES) and len(set(LABELS.values())) == len(TYPES)
