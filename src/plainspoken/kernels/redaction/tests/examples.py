"""Small helpers of the tests: what was found, in words."""

from collections.abc import Sequence

from plainspoken.kernels.redaction import Known, Named, NameFinder, Span, Turn, detect, detect_turns, mask


def found(text: str, *, known: Known | None = None, names: NameFinder | None = None) -> list[tuple[str, str]]:
    """Type and original characters of each span."""
    return [(s.type, text[s.start : s.end]) for s in detect(text, known=known or Known(), names=names)]


def masked(text: str, *, known: Known | None = None, names: NameFinder | None = None) -> str:
    return mask(text, detect(text, known=known or Known(), names=names)).text


def conversation(*said: tuple[str, str], known: Known | None = None) -> list[str]:
    """The masked text of each turn."""
    turns = [Turn(speaker, text) for speaker, text in said]
    spans = detect_turns(turns, known=known or Known())
    return [mask(turn.text, own).text for turn, own in zip(turns, spans, strict=True)]


class Listed:
    """A NameFinder that knows a list of names and nothing else."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.calls = 0

    def __call__(self, texts: Sequence[str]) -> list[list[Named]]:
        self.calls += 1
        return [
            [Named(text.index(n), text.index(n) + len(n), "person") for n in self.names if n in text]
            for text in texts
        ]


def only(spans: Sequence[Span]) -> Span:
    assert len(spans) == 1, spans
    return spans[0]
