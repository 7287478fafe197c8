"""Keyrings: where keys live outside the database."""

from .files import FileKeyring

__all__ = ["FileKeyring"]
