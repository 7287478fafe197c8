"""What the data map says to people: every act of a right in words, and no name of a column in them."""

import re

import pytest

from plainspoken.custody.datamap import Done, Said, held
from plainspoken.custody.places import places

SAID = Said(periods={place.retention: "2 years" for place in places()})
ACTS = [(place.title, done) for place in held(SAID) for done in place.acts]


@pytest.mark.parametrize(("title", "done"), ACTS, ids=[f"{title}: {done.right}" for title, done in ACTS])
def test_every_act_is_said_in_plain_words(title: str, done: Done) -> None:
    assert len(done.text.split()) >= 2, (
        f"{title}: {done.right} says nothing; give {done.act} a first sentence"
    )
    assert not re.search(r"\w_\w|[`(){}]", done.text), f"{title}: {done.right} names code: {done.text}"
    assert "act" not in done.text.split(), f"{title}: {done.text}"
    assert len(done.text.split()) <= 30, f"{title}: {done.right} is longer than one breath: {done.text}"
