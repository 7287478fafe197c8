"""What somebody should work on, and whether something changed: rates with intervals, and a careful choice. Pure Python."""

from .changing import Change, Verdict, change, meets
from .choosing import LEAST, MOST, STRENGTH, Weakness, choose, shrunk
from .rates import Interval, Tally, interval

__all__ = [
    "LEAST",
    "MOST",
    "STRENGTH",
    "Change",
    "Interval",
    "Tally",
    "Verdict",
    "Weakness",
    "change",
    "choose",
    "interval",
    "meets",
    "shrunk",
]
