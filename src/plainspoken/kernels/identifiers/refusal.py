"""The one error of this package."""


class NotAnIdentifier(ValueError):
    """The value cannot be read as an identifier of the kind; the message never repeats the value."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"This {kind} {reason}.")
        self.kind = kind
        self.reason = reason
