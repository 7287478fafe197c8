"""Which cue announces a value: the nearest one in reach that is not used up and whose shape the value has."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from plainspoken.kernels.redaction.cues import AFTER_QUESTION, NEAR, Cue
from plainspoken.kernels.redaction.spans import Type

_CONTINUES = 14  # characters between two parts of one value ("4111 1111, okay, 1111 1111")
_NAMES_IT = re.compile(
    r"[\s,.]{1,3}(?:and )?(?:(?:is|was|for|that's|that is|it's|as) )(?:my|the|your|our) ?", re.IGNORECASE
)
_LOOK_BACK = 24  # cues examined before a value


class Context:
    """The cues of one text.

    A cue reaches NEAR characters; one inside a question reaches into the answer. `joint` is the offset at
    which an answer begins when the text is a question and its answer: every cue of the question then reaches
    into it. `walls` are offsets no cue reaches across (labels left by an earlier masking).
    """

    def __init__(
        self, plain: str, cues: Sequence[Cue], *, joint: int | None = None, walls: Sequence[int] = ()
    ) -> None:
        self.plain = plain
        self.joint = joint
        self.cues = cues
        self._ends = [cue.end for cue in cues]
        self._reach = [_reach(plain, cue, joint, walls) for cue in cues]
        self._used: dict[int, int] = {}

    def before(self, at: int) -> Iterator[int]:
        """Numbers of the cues that reach the offset, nearest first."""
        last = bisect_right(self._ends, at)
        for number in range(last - 1, max(-1, last - 1 - _LOOK_BACK), -1):
            if self._reach[number] < at:
                continue
            used = self._used.get(number)
            if used is not None and at - used > _CONTINUES:
                continue
            yield number

    def announced(self, at: int, digits: int) -> tuple[Type, Cue, int] | None:
        """Type, cue and its number for a value of so many digits at the offset; None when none
        announces it.
        """
        partial: tuple[Cue, int] | None = None
        for number in self.before(at):
            cue = self.cues[number]
            if not cue.rule.least <= digits <= cue.rule.most:
                continue
            if cue.rule.type is not None:
                return cue.rule.type, partial[0] if partial else cue, partial[1] if partial else number
            partial = partial or (cue, number)
        if partial is None:
            return None
        return self._whole(partial[1], at) or "ACCOUNT", *partial

    def _whole(self, number: int, at: int) -> Type | None:
        """What "ending in" is the end of: the type of a cue nearby whose whole number would be longer."""
        for other in self.before(at):
            kind = self.cues[other].rule.type
            if other != number and kind in ("CARD", "PHONE", "NATIONAL_ID", "BANK", "ACCOUNT"):
                return kind
        return None

    def said_after(self, end: int, digits: int) -> Cue | None:
        """The cue that names a value of so many digits which stands before it ("four four one one is my pin")."""
        match = _NAMES_IT.match(self.plain, end, end + 24)
        if match is None:
            return None
        number = bisect_right(self._ends, match.end())
        for cue in self.cues[number : number + 3]:
            if (
                cue.start - match.end() in (0, 1)
                and cue.rule.least <= digits <= cue.rule.most
                and cue.rule.type
            ):
                return cue
        return None

    def announces_between(self, start: int, end: int) -> bool:
        """Whether a cue with a kind of its own begins and ends between two offsets."""
        number = bisect_left(self._ends, start)
        while number < len(self.cues) and self.cues[number].end <= end:
            if self.cues[number].start >= start and self.cues[number].rule.type is not None:
                return True
            number += 1
        return False

    def within(self, start: int, end: int) -> bool:
        """Whether these characters are part of a cue's own words."""
        number = bisect_left(self._ends, end)
        return number < len(self.cues) and self.cues[number].start <= start

    def reach(self, number: int) -> int:
        """Offset up to which the cue announces a value."""
        return self._reach[number]

    def use(self, number: int, end: int) -> None:
        """Say that the cue got its value, which ends there."""
        self._used[number] = end

    def types_at(self, at: int) -> list[Type]:
        return [kind for number in self.before(at) if (kind := self.cues[number].rule.type) is not None]


def _reach(plain: str, cue: Cue, joint: int | None, walls: Sequence[int]) -> int:
    reach = cue.end + NEAR
    if joint is not None and cue.end <= joint:
        reach = joint + AFTER_QUESTION
    else:
        asked = plain.find("?", cue.end, cue.end + AFTER_QUESTION)
        if asked >= 0:
            reach = max(reach, asked + AFTER_QUESTION)
    wall = bisect_right(walls, cue.end)
    return min(reach, walls[wall]) if wall < len(walls) else reach
