"""Reports: changes between two periods with their intervals, groups that are too small, dates and hours. Pure."""

from .groups import hidden
from .periods import Range, Unit, bucket, buckets, previous, relative
from .schedule import Every, last_due, next_due
from .trends import LEAST, Change, Measured, change, interval, of_mean, of_share

__all__ = [
    "LEAST",
    "Change",
    "Every",
    "Measured",
    "Range",
    "Unit",
    "bucket",
    "buckets",
    "change",
    "hidden",
    "interval",
    "last_due",
    "next_due",
    "of_mean",
    "of_share",
    "previous",
    "relative",
]
