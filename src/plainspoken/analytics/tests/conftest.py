"""Fixtures of these tests."""

from plainspoken.conversations.tests.fixtures import house, no_real_recogniser, staff

__all__ = ["house", "no_real_recogniser", "staff"]
