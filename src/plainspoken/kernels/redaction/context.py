"""Which cue announces a value: the nearest one in reach that is not used up and whose shape the value has."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from plainspoken.kernels.redaction.cues import AFTER_QUESTION, NEAR, Cue
from plainspoken.kernels.redaction.spans import Type

_CONTINUES = 14  # characters between two parts of one value ("4111 1111, okay, 1111 1111")
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
