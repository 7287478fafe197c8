"""The fixtures of conversations: a house of its own for each test, in one database a module."""

from plainspoken.conversations.tests.fixtures import house, no_real_recogniser, staff

__all__ = ["house", "no_real_recogniser", "staff"]
