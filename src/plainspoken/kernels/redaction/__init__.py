"""Personal data in text: found, with a reason for each span; masked; mapped onto sound.

Pure Python over a Hyperscan prefilter. Models come in through the NameFinder protocol. English, with German
and Swedish identifiers, street forms, a few cues and digits said one by one. English only: numbers said as
"forty two" ("zweiundvierzig" is not read), dates, addresses, names, repairs and alphabet words as they are spoken.
"""

from plainspoken.kernels.redaction.detection import LONGEST, TextTooLong, detect, detect_all
from plainspoken.kernels.redaction.known import Known
from plainspoken.kernels.redaction.persons import Named, NameFinder
from plainspoken.kernels.redaction.sound import Hit, Word, silence, words_hit
from plainspoken.kernels.redaction.spans import LABELS, TYPES, Masked, Span, Type, mask
from plainspoken.kernels.redaction.turns import Turn, detect_turns

__all__ = [
    "LABELS",
    "LONGEST",
    "TYPES",
    "Hit",
    "Known",
    "Masked",
    "NameFinder",
    "Named",
    "Span",
    "TextTooLong",
    "Turn",
    "Type",
    "Word",
    "detect",
    "detect_all",
    "detect_turns",
    "mask",
    "silence",
    "words_hit",
]
