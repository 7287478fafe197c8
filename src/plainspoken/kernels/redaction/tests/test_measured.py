"""Against sentences that nobody here wrote. The floor is well under what `benchmarks/redaction.py` prints."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from plainspoken.adapters.names import finder
from plainspoken.kernels.redaction import Turn, detect_all, detect_turns, mask

ROOT = Path(__file__).resolve().parents[5]
DATA = ROOT.parent / "shared" / "data"
FLOOR = 0.60  # micro F1 of exact spans on templates the rules were not written on


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("redaction_benchmark", ROOT / "benchmarks" / "redaction.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_written_sentences() -> None:
    benchmark = _benchmark()
    if not benchmark.SENTENCES.exists():
        pytest.skip("the labelled sentences are not beside this checkout")
    sentences = json.loads(benchmark.SENTENCES.read_text(encoding="utf-8"))
    held_out = [s for s in sentences if not benchmark.looked_at(s)]
    spans = list(detect_all([s["full_text"] for s in held_out], names=finder()))
    result = benchmark.exact(held_out, spans)
    assert result["micro"]["labelled"] > 400
    assert result["micro"]["f1"] >= FLOOR
    assert result["labelled_characters_leaked"] <= 0.2
    assert result["other_characters_masked"] <= 0.05


def test_spoken_values_in_dialogues_written_after_the_detector() -> None:
    from benchmarks import spoken

    if not spoken.SENTENCES.exists():
        pytest.skip("the labelled sentences are not beside this checkout")
    made = [one for one in spoken.dialogues(rounds=4) if not one.looked_at]
    result = spoken.judged(made, spoken.ours(made, finder()))
    assert result["values"] > 150
    assert result["masked_whole"] >= 0.85
    assert result["over_masked"] <= 0.05
    nothing = [[[] for _ in one.turns] for one in made]
    assert spoken.judged(made, nothing)["masked_whole"] == 0.0, "the judge sees what is not masked"
    everything = [[[(0, len(turn.text))] for turn in one.turns] for one in made]
    assert spoken.judged(made, everything)["masked_whole"] == 1.0
    assert spoken.judged(made, everything)["over_masked"] == 1.0


def test_spoken_calls_leak_no_name_of_a_party_and_no_number() -> None:
    calls = sorted((DATA / "vcon" / "calls").glob("*.json"))
    if not calls:
        pytest.skip("the vCon calls are not beside this checkout")
    total = leaked = 0
    for path in calls:
        call = json.loads(path.read_text(encoding="utf-8"))
        names = {word.lower() for party in call["parties"] for word in party["name"].split()}
        for analysis in call["analysis"]:
            if not isinstance(analysis["body"], list):
                continue
            turns = [Turn(line["speaker"], line["message"]) for line in analysis["body"]]
            spans = detect_turns(turns, names=finder())
            before = " ".join(turn.text for turn in turns)
            after = " ".join(mask(t.text, own).text for t, own in zip(turns, spans, strict=True))
            total += _said(before, names)
            leaked += _said(after, names)
            assert "@" not in after
    assert total > 150
    assert leaked / total <= 0.05


def _said(text: str, names: set[str]) -> int:
    words = "".join(c.lower() if c.isalpha() else " " for c in text).split()
    return sum(word in names for word in words)
