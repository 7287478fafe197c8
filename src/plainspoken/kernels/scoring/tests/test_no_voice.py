"""No employee's emotion from a voice: there is no field for one, and no rule that reads an employee's mood."""

import ast
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plainspoken.kernels import scoring
from plainspoken.kernels.scoring import KINDS, Activity, Conversation, Turn, Word, rules_from, score
from plainspoken.kernels.scoring.sentiment import LEXICON, contributions
from plainspoken.kernels.scoring.tests.scripts import answer, call, rules

FOLDER = Path(scoring.__file__).parent

# Everything that a scorer may see. A new field has to be argued for here.
SEEN = {
    Word: {"text": "str", "start": "float | None", "end": "float | None", "sure": "float | None", "removed": "str"},
    Turn: {
        "number": "int", "speaker": "Speaker", "words": "tuple[Word, ...]", "start": "float | None",
        "end": "float | None", "unclear": "bool", "gone": "bool",
    },
    Activity: {"speaker": "Speaker", "start": "float", "end": "float"},
    Conversation: {
        "turns": "tuple[Turn, ...]", "language": "str", "spoken": "bool", "duration": "float | None",
        "sure": "float | None", "activity": "tuple[Activity, ...]",
    },
}  # fmt: skip
MODULES = {
    "ast", "bisect", "itertools", "collections", "dataclasses", "functools", "hashlib", "json", "re", "statistics", "typing",
    "unicodedata",
}  # fmt: skip


@pytest.mark.parametrize("kind", SEEN, ids=lambda kind: kind.__name__)
def test_a_scorer_sees_words_and_times_and_nothing_else(kind: type) -> None:
    tree = ast.parse((FOLDER / "conversation.py").read_text("utf-8"))
    (written,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == kind.__name__]
    found = {
        n.target.id: ast.unparse(n.annotation)
        for n in written.body
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    }
    assert found == SEEN[kind]
    assert [f.name for f in fields(kind)] == list(SEEN[kind])
    with pytest.raises((TypeError, AttributeError)):
        kind(pitch=1.0)  # type: ignore[call-arg]
    assert not hasattr(kind, "__dict__") or "__slots__" in vars(kind), "nothing can be hung onto it"


def test_the_kernel_reads_no_sound() -> None:
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module)]
            for name in names:
                assert name.split(".")[0] in MODULES or name.startswith("plainspoken.kernels.scoring"), (
                    file,
                    name,
                )


def test_sentiment_is_the_customers_and_refuses_others() -> None:
    agent = call("a: This is awful.").turns[0]
    with pytest.raises(ValueError, match="Only a customer's words"):
        contributions([(0, agent)])
    assert "by" not in {f.name for f in fields(KINDS["sentiment"])}
    with pytest.raises(scoring.RuleErrors, match="'by' is not known here"):
        rules({"id": "q", "kind": "sentiment", "at_least": 0, "by": "agent"})


@given(st.lists(st.sampled_from([*sorted(LEXICON)[:40], "furious", "awful", "the", "not"]), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_word_of_the_agents_moves_the_sentiment(words: list[str]) -> None:
    base = call("a: Hello there.", "c: That is good.", "a: Fine.", "c: Great.")
    other = replace(base.turns[0], words=tuple(Word(w, 0.5, 1.0) for w in words))
    moved = replace(base, turns=(other, *base.turns[1:]))
    rule = {"kind": "sentiment", "at_least": 0}
    assert answer(moved, rule) == answer(base, rule)


def test_no_kind_of_question_is_about_a_voice() -> None:
    words = {f.name for kind in KINDS.values() for f in fields(kind)} | set(KINDS)
    assert not {
        w for w in words if any(s in w for s in ("emotion", "mood", "pitch", "tone", "loud", "voice"))
    }
    with pytest.raises(scoring.RuleErrors):
        rules_from({"name": "x", "version": 1, "phrases": {}, "questions": [{"kind": "emotion"}]})
    assert score(call("a: Hi.", "c: Ho."), rules({"id": "q", "kind": "silence", "at_most_s": 9}))
