"""Mail over SMTP."""

from .smtp import Smtp, problem

__all__ = ["Smtp", "problem"]
