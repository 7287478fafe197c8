"""Searching every store for values: what is there is found in any spelling, chance is not mistaken for it."""

from pathlib import Path

import pytest
from django.db import connections

from plainspoken.config.residue import OVERLAP, Search, files, search
from plainspoken.custody.models import Organisation


def places(*values: str, folder: Path | None = None) -> set[str]:
    return {hit.place for hit in search(values, folders=[folder] if folder else [])}


@pytest.mark.parametrize(
    "planted",
    [
        "ada.byron@canary.example",
        "ADA.BYRON@CANARY.EXAMPLE",
        "ada.byron%40canary.example",
        "YWRhLmJ5cm9uQGNhbmFyeS5leGFtcGxl",
    ],
)
def test_an_address_is_found_in_its_spellings(house: Organisation, planted: str) -> None:
    assert places("ada.byron@canary.example") == set()
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE custody_organisation SET smtp_url = %s", [planted])
    assert places("ada.byron@canary.example") == {"table custody_organisation"}


def test_bytes_of_a_column_and_files_are_searched(house: Organisation, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_bytes(b"\0\xff" * 1000 + b"call +49 30 12345678 back")
    assert places("+493012345678", folder=tmp_path) == {"file log"}


def test_a_hit_across_two_blocks_counts_once() -> None:
    value = b"ada.byron@canary.example"
    for cut in range(1, len(value)):
        blocks = [b"x" * OVERLAP * 2 + value[:cut], value[cut:] + b"y" * OVERLAP * 2, b"z" * 10]
        assert Search(["ada.byron@canary.example"]).counts(blocks) == [1]


def test_short_numbers_inside_ids_are_no_hits(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("7b51802c-0000-4000-8000-0000518020aa")
    assert list(files(tmp_path, Search(["C-51802"]))) == []
    (tmp_path / "a").write_text("account C-51802.")
    assert [hit.count for hit in files(tmp_path, Search(["C-51802"]))] != []
