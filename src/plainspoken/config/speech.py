"""A speech model for those who have none yet."""

from plainspoken.adapters.speech import models

FIRST = "tiny.en"


def ensure_model() -> str:
    """Name of the model in use; the small embedded one is brought when there is none. Raises ModelError."""
    found = models.available() or models.fetch(FIRST)
    return f"{found.name} ({found.version})"
