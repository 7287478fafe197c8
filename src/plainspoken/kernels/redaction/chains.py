"""Numbers that are dictated with talk in between: "nought seven, hang on, six one four four, it's a bit faded, oh six".

Runs of digits with nothing between them but marks and words about dictating are one number where a cue announces one
of their joint length, where they are a card number together, or where they are as many digits as only a card has.
"""

import re
from collections.abc import Iterator, Sequence

from plainspoken.kernels.identifiers import luhn_holds, scheme_of
from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import reason_of
from plainspoken.kernels.redaction.numerals import Run, is_measured
from plainspoken.kernels.redaction.spans import SHAPED, STATED, Finding, Type
from plainspoken.kernels.redaction.words import FILLERS, MENDING, STOP_WORDS

_DICTATING = words_in(
    """
    see think check look hang hold tell lie bit faded read worn rubbed blurry smudged glasses hard tiny small print
    minute second sec moment know line part group set block digits numbers card say repeat dear goodness gosh blimey
    forgot lost start again slowly write pen try upside dark light eyes misread correct ends starts begins finishes
    finally lastly plus followed middle half
    """
)
_TALK = STOP_WORDS | FILLERS | MENDING | _DICTATING
_WORD = re.compile(r"[A-Za-z']+")
_LONGEST_GAP, _MOST_WORDS, _MOST_RUNS = 60, 9, 24
_LEAST = 6  # digits of a chain
_CARD_DIGITS = range(13, 20)
# A short run belongs to a number only while the whole is no longer than such a number is.
_USUAL: dict[Type, int] = {"PHONE": 13, "CARD": 19, "NATIONAL_ID": 13, "BANK": 18, "ACCOUNT": 12, "IBAN": 34}


def chained(runs: Sequence[Run], context: Context) -> Iterator[Finding]:
    """Findings for each run of a chain of at least two; `runs` in order. Linear: each run is in one chain."""
    chain: list[Run] = []
    for run in runs:
        if chain and run.start < chain[-1].end:
            continue
        if chain and not (len(chain) < _MOST_RUNS and _talk_between(context, chain[-1].end, run.start)):
            yield from _judged(chain, context)
            chain = []
        chain.append(run)
    yield from _judged(chain, context)


def _talk_between(context: Context, start: int, end: int) -> bool:
    if end - start > _LONGEST_GAP:
        return False
    gap = context.plain[start:end]
    if "\n" in gap or any(char in gap for char in "$%:@/+"):
        return False
    words = _WORD.findall(gap)
    if len(words) > _MOST_WORDS or any(word.lower() not in _TALK for word in words):
        return False
    return not context.announces_between(start, end)


def _judged(chain: Sequence[Run], context: Context) -> Iterator[Finding]:
    if len(chain) < 2 or any(is_measured(context.plain, run) for run in chain):
        return
    digits = "".join(run.digits for run in chain)
    if len(digits) < _LEAST:
        return
    kind: Type
    announced = context.announced(chain[0].start, len(digits))
    if announced is not None and announced[1].rule.patterns:
        kind, cue, number = announced
        if len(digits) > _USUAL.get(kind, 12):
            return
        context.use(number, chain[-1].end)
        reason, weight = reason_of(cue, context.plain), STATED
    elif len(digits) in _CARD_DIGITS and scheme_of(digits) and luhn_holds(digits):
        kind, reason, weight = "CARD", "card: luhn, said in pieces", STATED
    elif len(digits) in _CARD_DIGITS and all(run.spoken or len(run.groups) > 3 for run in chain):
        kind, reason, weight = "CARD", "card: many digits said in pieces", SHAPED
    else:
        return
    for run in chain:
        yield Finding(run.start, run.end, kind, reason, weight)
