"""What a run of digits is: by checksum, by what was said before it, by its form."""

import re
from collections.abc import Iterator

import stdnum.de.idnr
import stdnum.in_.aadhaar
import stdnum.se.personnummer

from plainspoken.kernels.identifiers import card_lengths, luhn_holds, luhn_sums, scheme_of
from plainspoken.kernels.redaction.context import Context
from plainspoken.kernels.redaction.cues import ANSWER, Cue, reason_of
from plainspoken.kernels.redaction.known import Known, known_number
from plainspoken.kernels.redaction.numerals import Run, is_amount, is_measured
from plainspoken.kernels.redaction.spans import CHECKED, SHAPED, STATED, Finding, Type

_SHORTEST_CARD = 12  # digits
LONG = 7  # digits from which a number nobody announced is masked all the same
_NEVER_COUNTS: tuple[Type, ...] = ("CARD", "CARD_CODE", "PIN", "NATIONAL_ID", "BANK", "IBAN", "DOB")
_NUMBER_SAID = re.compile(r"(?:number|num|no|nr|id|ref|code|nummer)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def classify(run: Run, context: Context, *, known: Known) -> Iterator[Finding]:
    """Findings of one run; a card inside a longer run is found, and the rest around it is judged by
    itself.
    """
    digits = run.digits
    if len(digits) < 3:
        return
    place = _card_within(run, digits)
    if place is not None and not _is_phone_after_all(run, digits, context):
        # Where something was taken back, what stands around the card was a part of saying it.
        first, last = (0, len(run.groups)) if run.mended else place
        card = run.part(first, last)
        announced = context.announced(card.start, len(card.digits))
        if announced:
            context.use(announced[2], card.end)
        if first:
            yield from classify(run.part(0, first), context, known=known)
        yield Finding(card.start, card.end, "CARD", "card: luhn", CHECKED)
        if last < len(run.groups):
            yield from classify(run.part(last, len(run.groups)), context, known=known)
        return
    yield from _one(_after_cue(run, context), context, known)


def _one(run: Run, context: Context, known: Known) -> Iterator[Finding]:
    digits = run.digits
    held = known_number(digits, known)
    if held:
        name = "phone" if held == "PHONE" else "account"
        yield Finding(run.start, run.end, held, f"{name}: known party", CHECKED)
    checked = _checked(run, digits)
    if checked:
        yield Finding(run.start, run.end, *checked, CHECKED)
        return
    announced = context.announced(run.start, len(digits))
    if announced is None and len(digits) < LONG and not context.said_after(run.end, len(digits)):
        return
    amount = is_amount(context.plain, run)
    if announced and not (
        (is_measured(context.plain, run) if _no_count(announced, context.plain) else amount)
        or _is_plain_year(run, digits, announced[1])
    ):
        kind, cue, number = announced
        context.use(number, run.end)
        yield Finding(run.start, run.end, kind, reason_of(cue, context.plain), STATED)
        return
    after = context.said_after(run.end, len(digits))
    if after and not amount:
        yield Finding(
            run.start, run.end, after.rule.type or "ACCOUNT", reason_of(after, context.plain), STATED
        )
        return
    if amount or run.loose:
        return
    shaped = _shape_spoken(digits) if run.spoken else _shape_written(run, digits, context.plain)
    if shaped:
        yield Finding(run.start, run.end, *shaped, SHAPED)


def _no_count(announced: tuple[Type, Cue, int], plain: str) -> bool:
    """What such words announce is no count, however a recogniser writes it ("account number 1,000,234")."""
    kind, cue, _ = announced
    return kind in _NEVER_COUNTS or _NUMBER_SAID.search(plain, cue.start, cue.end) is not None


def _after_cue(run: Run, context: Context) -> Run:
    """ "the last four are four one one one": digits that belong to the cue are no part of the value."""
    nearest = next(context.before(run.groups[-1].start), None)
    if nearest is None:
        return run
    cue = context.cues[nearest]
    if not cue.start <= run.start < cue.end:
        return run
    kept = [at for at, group in enumerate(run.groups) if group.start >= cue.end]
    return run.part(kept[0], len(run.groups)) if kept else run


def _card_within(run: Run, digits: str) -> tuple[int, int] | None:
    """First and last group of the longest part that is a valid card number, or None."""
    if len(digits) < _SHORTEST_CARD:
        return None
    if scheme_of(digits) and luhn_holds(digits):
        return 0, len(run.groups)
    if len(run.groups) == 1:
        return None
    places = {0: 0}
    at = 0
    for number, group in enumerate(run.groups, start=1):
        at += len(group.digits)
        places[at] = number
    sums = luhn_sums(digits)
    found: tuple[int, int] | None = None
    size = _SHORTEST_CARD - 1
    for start, first in places.items():
        if len(digits) - start <= size:
            break
        for length in card_lengths(digits[start : start + 4]):
            end = start + length
            if length > size and end in places and (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0:
                found, size = (first, places[end]), length
    return found


def _is_phone_after_all(run: Run, digits: str, context: Context) -> bool:
    """Twelve or thirteen digits hold a Luhn check digit by chance once in ten: a plus sign or a cue
    decides.
    """
    if len(digits) > 13:
        return False
    if context.plain[run.start] == "+":
        return True
    return context.types_at(run.start)[:1] == ["PHONE"]


def _checked(run: Run, digits: str) -> tuple[Type, str] | None:
    """National numbers whose form and check digit together leave little to chance."""
    if run.spoken or not 9 <= len(digits) <= 12 or len(run.groups) > 4:
        return None
    sizes = tuple([len(group.digits) for group in run.groups])
    if sizes == (3, 2, 4) and digits[:3] not in ("000", "666"):
        return "NATIONAL_ID", "national id: form of a US social security number"
    if sizes in ((6, 4), (8, 4)) and stdnum.se.personnummer.is_valid(f"{digits[:-4]}-{digits[-4:]}"):
        return "NATIONAL_ID", "national id: personnummer check digit"
    if sizes == (4, 4, 4) and stdnum.in_.aadhaar.is_valid(digits):
        return "NATIONAL_ID", "national id: Aadhaar check digit"
    if sizes in ((2, 3, 3, 3), (11,)) and digits[0] not in "01" and stdnum.de.idnr.is_valid(digits):
        return "NATIONAL_ID", "national id: Steuer-ID check digit"
    return None


def _is_plain_year(run: Run, digits: str, cue: Cue) -> bool:
    """A year counts as a number only after words that ask for a number."""
    return cue.rule is ANSWER and len(run.groups) <= 2 and bool(_YEAR.fullmatch(digits))


def _shape_spoken(digits: str) -> tuple[Type, str] | None:
    count = len(digits)
    if count < LONG:
        return None
    if count >= 13 and (scheme_of(digits) or count in (15, 16, 17)):
        # A recogniser drops or doubles a digit often enough that the check digit cannot be asked for.
        return "CARD", "card: many digits spoken"
    if count in (7, 10, 11) or (count == 12 and digits[0] in "0+4"):
        return "PHONE", "phone: digits spoken"
    return "ACCOUNT", "account: many digits spoken"


def _shape_written(run: Run, digits: str, plain: str) -> tuple[Type, str] | None:
    count = len(digits)
    if count < LONG:
        return None
    if plain[run.start] == "+" and count <= 15:
        return "PHONE", "phone: international form"
    if len(run.groups) == 1:
        national = (count == 10 and digits[0] in "23456789" and digits[3] in "23456789") or (
            count in (10, 11) and digits[0] == "0"
        )
        if national:
            return "PHONE", "phone: national form"
        return "ACCOUNT", "account: many digits"
    if all(_YEAR.fullmatch(group.digits) for group in run.groups):
        return None
    between = plain[run.start : run.end]
    if "/" in between and "." in between:
        return None  # decimals beside each other, "14.45/7.13"
    if count <= 15 and len(run.groups) <= 8:
        return "PHONE", "phone: groups of digits"
    return "ACCOUNT", "account: many digits"
