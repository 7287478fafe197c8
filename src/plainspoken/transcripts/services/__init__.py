"""Writing transcripts, removing personal data from them, and ending them."""

from .redacting import redact
from .writing import Queued, again, transcribe, write

__all__ = ["Queued", "again", "redact", "transcribe", "write"]
