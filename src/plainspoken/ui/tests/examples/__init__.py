"""Invented contexts for every page."""

from .calls import conversation_list, rows
from .pages import every_page
from .policy import promises

__all__ = ["conversation_list", "every_page", "promises", "rows"]
