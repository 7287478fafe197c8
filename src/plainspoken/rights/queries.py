"""Reads about requests: what can be asked, the register, one request as its person may see it."""

from .kinds import Kind, kinds
from .register import NoSuchRequest, clock_of, deadline_of, find, open_requests, waiting
from .tracking import Archived, Tracked, Way, track

__all__ = [
    "Archived",
    "Kind",
    "NoSuchRequest",
    "Tracked",
    "Way",
    "clock_of",
    "deadline_of",
    "find",
    "kinds",
    "open_requests",
    "track",
    "waiting",
]
