"""Writing transcripts, removing personal data from them, and ending them."""

from .correcting import correct, undo
from .overruling import CannotOverrule, Overruled, hide, show
from .pausing import pause
from .redacting import redact
from .rerunning import Older, hear_again, hear_older_again
from .writing import Queued, again, transcribe, write

__all__ = [
    "CannotOverrule",
    "Older",
    "Overruled",
    "Queued",
    "again",
    "correct",
    "hear_again",
    "hear_older_again",
    "hide",
    "pause",
    "redact",
    "show",
    "transcribe",
    "undo",
    "write",
]
