"""Pages of coaching."""

from .goals import goal, goal_act, propose, propose_for
from .mine import exported, mine, who_listened
from .sessions import plan_session, session, session_act
from .sharing import clip_act, clip_sound, library_page, offer
from .teaming import agent, team, thank, unthank

__all__ = [
    "agent",
    "clip_act",
    "clip_sound",
    "exported",
    "goal",
    "goal_act",
    "library_page",
    "mine",
    "offer",
    "plan_session",
    "propose",
    "propose_for",
    "session",
    "session_act",
    "team",
    "thank",
    "unthank",
    "who_listened",
]
