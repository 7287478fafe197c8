"""Stored objects and anchors as files; buckets of objects as a source."""

from .buckets import S3Bucket
from .files import FileAnchors, FileObjects

__all__ = ["FileAnchors", "FileObjects", "S3Bucket"]
