"""Oracles: examples of the SWIFT IBAN registry, and numbers that authorities publish as examples."""

import pytest

from plainspoken.kernels.identifiers import (
    NotAnIdentifier,
    iban,
    national_id,
    national_ids,
    routing_number,
)

REGISTRY = (
    "AT61 1904 3002 3457 3201",
    "BE68 5390 0754 7034",
    "CH93 0076 2011 6238 5295 7",
    "DE89 3704 0044 0532 0130 00",
    "DK50 0040 0440 1162 43",
    "ES91 2100 0418 4502 0005 1332",
    "FI21 1234 5600 0007 85",
    "FR14 2004 1010 0505 0001 3M02 606",
    "GB29 NWBK 6016 1331 9268 19",
    "IE29 AIBK 9311 5212 3456 78",
    "IT60 X054 2811 1010 0000 0123 456",
    "NL91 ABNA 0417 1643 00",
    "NO93 8601 1117 947",
    "PL61 1090 1014 0000 0712 1981 2874",
    "SE45 5000 0000 0583 9825 7466",
    "SA03 8000 0000 6080 1016 7519",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
)


@pytest.mark.parametrize("written", REGISTRY)
def test_ibans_of_the_registry(written: str) -> None:
    compact = written.replace(" ", "")
    assert iban(written) == iban(compact.lower()) == compact
    swapped = compact[:2] + compact[3] + compact[2] + compact[4:]
    if swapped != compact:
        with pytest.raises(NotAnIdentifier):
            iban(swapped)
    with pytest.raises(NotAnIdentifier):
        iban(compact[:-1])


@pytest.mark.parametrize(
    ("written", "country", "kind", "number"),
    [
        ("536-90-4399", "US", "SSN", "536904399"),
        ("912-90-3456", "US", "ITIN", "912903456"),
        ("AB 12 34 56 C", "GB", "NINO", "AB123456C"),
        ("943 476 5870", "GB", "NHS number", "9434765870"),
        ("36 574 261 809", "DE", "Steuer-ID", "36574261809"),
        ("880320-0016", "SE", "personnummer", "8803200016"),
        ("2341 2341 2346", "IN", "Aadhaar", "234123412346"),
        ("ACUPA7085R", "IN", "PAN", "ACUPA7085R"),
        ("123 456 782", "AU", "TFN", "123456782"),
        ("123-456-782", "CA", "SIN", "123456782"),
    ],
)
def test_published_national_numbers(written: str, country: str, kind: str, number: str) -> None:
    found = [n for n in national_ids(written, countries=(country,)) if n.kind == kind]
    assert [n.number for n in found] == [number]
    assert any(n.kind == kind for n in national_ids(written))


@pytest.mark.parametrize(
    "written", ["BG123456A", "QQ123456C", "DA123456A", "AO123456A", "AB123456E", "AB12345C"]
)
def test_prefixes_and_suffixes_that_hmrc_does_not_allocate(written: str) -> None:
    with pytest.raises(NotAnIdentifier):
        national_id(written, country="GB")


@pytest.mark.parametrize("written", ["000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000"])
def test_social_security_numbers_never_issued(written: str) -> None:
    assert national_ids(written, countries=("US",)) == ()


def test_routing_number() -> None:
    assert routing_number("021000021") == "021000021"
    with pytest.raises(NotAnIdentifier):
        routing_number("021000022")
