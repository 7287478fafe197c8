"""Mail over SMTP."""

from .smtp import Smtp

__all__ = ["Smtp"]
