"""The generated reference is the one in the docs, and leaves nothing out."""

import re

from plainspoken.kernels.policy.catalogue import CLAUSES
from plainspoken.kernels.policy.document import reference
from plainspoken.kernels.policy.records import KINDS, specifications
from plainspoken.kernels.policy.tests.specimens import ROOT

WRITTEN = ROOT / "docs" / "reference" / "policy-language.md"


def test_the_docs_hold_what_the_code_says() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == reference(), (
        "Run `python -m plainspoken.kernels.policy.document > docs/reference/policy-language.md`."
    )


def test_every_kind_field_and_clause_is_described() -> None:
    text = reference()
    for word, kind in KINDS.items():
        section = re.split(rf"^### {word}$", text, flags=re.MULTILINE)[1].split("\n### ")[0]
        for name, specification in specifications(kind).items():
            assert f"| `{name}` |" in section
            assert specification.meaning in section
    for clause in CLAUSES:
        assert f"`{clause}`" in text


def test_each_kind_is_used_by_a_clause() -> None:
    assert {expected.kind for expected in CLAUSES.values()} == set(KINDS)


def test_links_of_the_reference_lead_somewhere() -> None:
    text = reference()
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", text, re.M)
    }
    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", text)) <= anchors
