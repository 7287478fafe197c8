import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.kernels.identifiers import NotAnIdentifier, account, name_tokens, plain_letters


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("Dr. José Ñandú", ("jose", "nandu")),
        ("MÜLLER, Anna-Lena", ("muller", "anna", "lena")),
        ("Conor O’Neil", ("conor", "oneil")),
        ("Søren Kierkegaard Jr.", ("soren", "kierkegaard")),
        ("J. R. R. Tolkien", ("tolkien",)),
        ("Frau Straße", ("strasse",)),
        ("Mr. Dr.", ()),
        ("Ann Ann Lee", ("ann", "lee")),
        ("Ольга Крылова", ("ольга", "крылова")),
        ("山田太郎", ("山田太郎",)),
        ("Li Wu 3rd", ("li", "wu", "rd")),
    ],
)
def test_tokens(name: str, tokens: tuple[str, ...]) -> None:
    assert name_tokens(name) == tokens


@given(st.text(max_size=60))
def test_tokens_do_not_depend_on_case_or_form(name: str) -> None:
    tokens = name_tokens(name)
    assert all(len(token) >= 2 and token == plain_letters(token) for token in tokens)
    assert len(set(tokens)) == len(tokens)
    assert name_tokens(unicodedata.normalize("NFC", name)) == name_tokens(unicodedata.normalize("NFD", name))


@pytest.mark.parametrize("written", ["AC-12 34/x", "ac1234X", "ＡＣ１２３４ｘ", " ac_12.34-x "])
def test_accounts_in_one_form(written: str) -> None:
    assert account(written) == "ac1234x"


def test_an_account_without_letters_and_digits_is_refused() -> None:
    with pytest.raises(NotAnIdentifier):
        account(" -/. ")
