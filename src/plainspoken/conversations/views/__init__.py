"""Pages of conversations."""

from .listing import conversations, export
from .measuring import measures
from .revealing import reveal
from .showing import conversation
from .slipping import slipped
from .sounding import peaks, sound
from .turning import turn, turn_act
from .working import (
    clip,
    clip_sound,
    clips,
    hand_out,
    keep_search,
    note,
    pausing,
    run_search,
    share,
    shared,
    shared_sound,
    unclip,
    unnote,
    unshare,
)

__all__ = [
    "clip",
    "clip_sound",
    "clips",
    "conversation",
    "conversations",
    "export",
    "hand_out",
    "keep_search",
    "measures",
    "note",
    "pausing",
    "peaks",
    "reveal",
    "run_search",
    "share",
    "shared",
    "shared_sound",
    "slipped",
    "sound",
    "turn",
    "turn_act",
    "unclip",
    "unnote",
    "unshare",
]
