"""What is done to conversations. Nothing but these modules opens sound."""

from .arriving import Arrival, arrive, queue_writing

__all__ = ["Arrival", "arrive", "queue_writing"]
