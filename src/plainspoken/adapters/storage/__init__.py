"""Object stores and anchors on the file system."""

from .files import FileAnchors, FileObjects

__all__ = ["FileAnchors", "FileObjects"]
