"""What a detection is, how overlapping ones become one, and how text is masked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Type = Literal[
    "CARD",
    "CARD_CODE",
    "PIN",
    "NATIONAL_ID",
    "IBAN",
    "BANK",
    "EMAIL",
    "IP",
    "DOB",
    "ADDRESS",
    "PHONE",
    "ACCOUNT",
    "PERSON",
]
TYPES: tuple[Type, ...] = get_args(Type)

LABELS: dict[Type, str] = {
    "CARD": "[card number]",
    "CARD_CODE": "[card security code]",
    "PIN": "[pin or password]",
    "NATIONAL_ID": "[national id]",
    "IBAN": "[iban]",
    "BANK": "[bank details]",
    "EMAIL": "[email]",
    "IP": "[ip address]",
    "DOB": "[date of birth]",
    "ADDRESS": "[address]",
    "PHONE": "[phone number]",
    "ACCOUNT": "[account number]",
    "PERSON": "[name]",
}

# How sure a rule is. A surer finding gives its type to an overlap; between equals the order of TYPES decides.
CHECKED, STATED, SHAPED, GUESSED = 4, 3, 2, 1


@dataclass(frozen=True, order=True)
class Span:
    """Characters `start` to `end` (code points, end excluded) are of `type`, because of `reason`.

    The reason names the rule ("card: luhn", "name: known party", "pin: context 'my pin is'") and never the
    value.
    """

    start: int
    end: int
    type: Type
    reason: str


class Finding(NamedTuple):
    """A span before merging, with how sure its rule is (CHECKED, STATED, SHAPED or GUESSED)."""

    start: int
    end: int
    type: Type
    reason: str
    weight: int


@dataclass(frozen=True)
class Masked:
    """`text` with every span replaced by its label. `spans` count in the original, `labels` in `text`."""

    text: str
    spans: tuple[Span, ...]
    labels: tuple[Span, ...]


_ORDER = {kind: place for place, kind in enumerate(TYPES)}


def merge(findings: Iterable[Finding]) -> tuple[Span, ...]:
    """Sorted spans that do not overlap; overlapping findings give one span over both, of the
    stronger type.
    """
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end, -f.weight, _ORDER[f.type], f.reason)):
        if finding.start >= finding.end:
            continue
        if merged and finding.start < merged[-1].end:
            merged[-1] = _union(merged[-1], finding)
        else:
            merged.append(finding)
    return tuple(Span(f.start, f.end, f.type, f.reason) for f in merged)


def _union(one: Finding, other: Finding) -> Finding:
    strong = min(one, other, key=lambda f: (-f.weight, _ORDER[f.type], f.start - f.end, f.start, f.reason))
    return Finding(
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        type=strong.type,
        reason=strong.reason,
        weight=strong.weight,
    )


def mask(text: str, spans: Sequence[Span]) -> Masked:
    """Replace each span by the label of its type ("[card number]").

    Spans may come in any order; they must lie inside the text and not overlap, else ValueError.
    """
    ordered = sorted(spans)
    pieces: list[str] = []
    labels: list[Span] = []
    at = length = 0
    for span in ordered:
        if span.start < at or span.end > len(text) or span.start >= span.end:
            raise ValueError("Spans overlap or lie outside the text; merge them first.")
        label = LABELS[span.type]
        pieces += (text[at : span.start], label)
        length += span.start - at
        labels.append(Span(length, length + len(label), span.type, span.reason))
        length += len(label)
        at = span.end
    pieces.append(text[at:])
    return Masked(text="".join(pieces), spans=tuple(ordered), labels=tuple(labels))
