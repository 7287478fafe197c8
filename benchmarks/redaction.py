"""Redaction of written text against labelled sentences that nobody on this project wrote, and its speed.

The sentences come from templates. Half of the templates (`template_id // 2` even) were looked at while the
rules were written; the other half was only counted. A span counts when type, start and end are all exact.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from plainspoken.adapters.names import SpacyNames
from plainspoken.kernels.redaction import NameFinder, Span, detect_all

SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pii" / "sentences.json"

# Entity names of the labelled sentences, and ours. What is not listed is not personal data of a kind we mask.
TYPES = {
    "PERSON": "PERSON",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD",
    "US_SSN": "NATIONAL_ID",
    "US_DRIVER_LICENSE": "NATIONAL_ID",
    "IBAN_CODE": "IBAN",
    "STREET_ADDRESS": "ADDRESS",
}
MEASURED = tuple(dict.fromkeys(TYPES.values()))


def looked_at(sentence: dict[str, Any]) -> bool:
    """True for the half of the templates that the rules were developed on."""
    return int(sentence["template_id"]) // 2 % 2 == 0


def exact(sentences: Sequence[dict[str, Any]], found: Iterable[Sequence[Span]]) -> dict[str, Any]:
    """Micro and per-type precision, recall and F1 of exact spans; characters of labelled spans left
    readable.
    """
    hit: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    labelled = leaked = other = over = 0
    for sentence, spans in zip(sentences, found, strict=True):
        truth = {
            (s["start_position"], s["end_position"], TYPES[s["entity_type"]])
            for s in sentence["spans"]
            if s["entity_type"] in TYPES
        }
        ours = {(s.start, s.end, s.type) for s in spans if s.type in MEASURED}
        hit.update(kind for _, _, kind in truth & ours)
        wrong.update(kind for _, _, kind in ours - truth)
        missed.update(kind for _, _, kind in truth - ours)
        personal = _characters(truth)
        masked = _characters((s.start, s.end, s.type) for s in spans)
        anything = personal | _characters(
            (s["start_position"], s["end_position"], "") for s in sentence["spans"]
        )
        labelled += len(personal)
        leaked += len(personal - masked)
        other += len(sentence["full_text"]) - len(anything)
        over += len(masked - anything)
    return {
        "micro": _scores(hit.total(), wrong.total(), missed.total()),
        "types": {kind: _scores(hit[kind], wrong[kind], missed[kind]) for kind in MEASURED},
        "labelled_characters_leaked": round(leaked / labelled, 4) if labelled else 0.0,
        "other_characters_masked": round(over / other, 4) if other else 0.0,
        "sentences": len(sentences),
    }


def written() -> list[str]:
    """All labelled sentences as texts. Raises FileNotFoundError."""
    return [sentence["full_text"] for sentence in json.loads(SENTENCES.read_text(encoding="utf-8"))]


def measure() -> dict[str, Any]:
    """F1 on both halves and characters a second, with and without the model. Raises FileNotFoundError."""
    sentences = json.loads(SENTENCES.read_text(encoding="utf-8"))
    names = SpacyNames()
    names(["Warm up the model, said Ann."])
    halves = {
        "held_out": [s for s in sentences if not looked_at(s)],
        "looked_at": [s for s in sentences if looked_at(s)],
    }
    result: dict[str, Any] = {}
    for half, chosen in halves.items():
        texts = [s["full_text"] for s in chosen]
        result[half] = exact(chosen, list(detect_all(texts, names=names)))
        result[f"{half}_without_model"] = exact(chosen, list(detect_all(texts)))["micro"]
    texts = [s["full_text"] for s in sentences]
    result["characters_a_second"] = {
        "short texts, with names": _speed(texts, names),
        "short texts, without names": _speed(texts, None),
        "one long text, with names": _speed([" ".join(texts)], names),
        "one long text, without names": _speed([" ".join(texts)], None),
    }
    return result


def _speed(texts: Sequence[str], names: NameFinder | None) -> int:
    """Characters a second, the best of three runs."""
    list(detect_all(texts[:20], names=names))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        list(detect_all(texts, names=names))
        times.append(time.perf_counter() - start)
    return round(sum(map(len, texts)) / min(times))


def _characters(spans: Iterable[tuple[int, int, str]]) -> set[int]:
    return {at for start, end, _ in spans for at in range(start, end)}


def _scores(hit: int, wrong: int, missed: int) -> dict[str, float]:
    return {
        "precision": round(hit / (hit + wrong), 3) if hit + wrong else 0.0,
        "recall": round(hit / (hit + missed), 3) if hit + missed else 0.0,
        "f1": round(2 * hit / (2 * hit + wrong + missed), 3) if hit + wrong + missed else 0.0,
        "labelled": hit + missed,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
