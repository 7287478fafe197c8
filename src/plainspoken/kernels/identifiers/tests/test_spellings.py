"""Every spelling is looked for as the residue test does it: plant it in some store's form, then search."""

import base64
import csv
import email.message
import html
import io
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.identifiers import Kind, say_digits, spellings

CANARIES: list[tuple[str, Kind]] = [
    ("+1 202-555-0143", "phone"),
    ("Zoë.Quark+test@exämple.com", "email"),
    ("4000 0566 5566 5556", "card"),
    ("DE89 3704 0044 0532 0130 00", "iban"),
    ("536-90-4399", "national_id"),
    ("LH-7741/903", "account"),
    ("Zoë O'Quark", "name"),
    ("203.0.113.77", "ip"),
    ('tab\there "quoted" & <b>', "text"),
]


def _found(value: str, kind: Kind, dump: str) -> bool:
    return any(spelling in dump for spelling in spellings(value, kind))


@pytest.mark.parametrize(("value", "kind"), CANARIES)
def test_found_in_every_store(value: str, kind: Kind) -> None:
    cell = io.StringIO()
    csv.writer(cell).writerow([1, value])
    mail = email.message.EmailMessage()
    mail.set_content(f"Dear {value}, hello", cte="base64")
    quoted = email.message.EmailMessage()
    quoted.set_content(f"Hi {value}\n", cte="quoted-printable")
    stores = {
        "json": json.dumps({"a": value}),
        "json in json": json.dumps(json.dumps({"a": value}, ensure_ascii=False), ensure_ascii=False),
        "query": "https://h/?" + urllib.parse.urlencode({"q": value}),
        "path": "/u/" + urllib.parse.quote(value, safe="") + "/x",
        "html": f"<p>{html.escape(value)}</p>",
        "bytea": "\\x" + f"ab{value}cd".encode().hex(),
        "upper": value.upper(),
        "lower": value.lower(),
        "wrong decoding": value.encode().decode("latin-1"),
    }
    if '"' not in value:
        stores |= {"csv": cell.getvalue(), "quoted-printable": quoted.as_string()}
    else:
        del stores["json in json"]  # escaped twice: the parts between the quotes are found instead
    for name, dump in stores.items():
        assert _found(value, kind, dump), name
    assert _found(value, kind, mail.as_string().replace("\n", "")), "base64 mail"


@pytest.mark.parametrize(("value", "kind"), CANARIES)
@pytest.mark.parametrize("before", [0, 1, 2, 7])
@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_found_at_every_alignment_of_base64(value: str, kind: Kind, before: int, after: int) -> None:
    raw = b"#" * before + value.encode() + b"#" * after
    assert _found(value, kind, base64.b64encode(raw).decode())
    assert _found(value, kind, base64.urlsafe_b64encode(raw).decode())


@pytest.mark.parametrize(
    "written",
    [
        "+12025550143", "(202) 555-0143", "202.555.0143", "202 555 0143", "2025550143", "0012025550143",
        "tel:+1-202-555-0143",
        "two zero two five five five zero one four three", "two oh two triple five oh one four three",
        "TWO ZERO TWO FIVE FIVE FIVE ZERO ONE FOUR THREE", "2 0 2 5 5 5 0 1 4 3", "202-555-0143",
    ],
)  # fmt: skip
def test_ways_of_writing_and_saying_a_telephone_number(written: str) -> None:
    assert _found("+1 202-555-0143", "phone", f"... {written} ...")


@pytest.mark.parametrize(
    "written", ["O'QUARK, ZOE", "zoe o'quark", "oquark", "zoe.o'quark", "Zoë_O'Quark", "o'quark zoë"]
)
def test_ways_of_writing_a_name(written: str) -> None:
    assert _found("Zoë O'Quark", "name", written)


def test_what_was_never_planted_is_not_found() -> None:
    dump = " ".join(json.dumps({"a": value}) for value, _ in CANARIES)
    assert not _found("+1 303-555-0199", "phone", dump)
    assert not _found("Barnaby Fenwick", "name", dump)
    assert not _found("5200828282828210", "card", dump)


@given(st.text(min_size=1, max_size=30))
def test_any_text_has_spellings_of_at_least_four_characters(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    found = spellings(value, "text")
    assert all(len(spelling) >= 4 for spelling in found)
    assert value in found or len(value) < 4


@given(st.text("0123456789", min_size=1, max_size=20))
def test_said_digits_can_be_read_back(digits: str) -> None:
    words = dict(zip(say_digits("0123456789").split(), "0123456789", strict=True))
    assert "".join(words[word] for word in say_digits(digits).split()) == digits
    times = {"double": 2, "triple": 3}
    read, factor = "", 1
    for word in say_digits(digits, zero="oh", repeats=True).split():
        if word in times:
            factor = times[word]
            continue
        read += ("0" if word == "oh" else words[word]) * factor
        factor = 1
    assert read == digits
