"""Pages of conversations."""

from .listing import conversations
from .measuring import measures
from .revealing import reveal
from .showing import conversation
from .sounding import peaks, sound

__all__ = ["conversation", "conversations", "measures", "peaks", "reveal", "sound"]
