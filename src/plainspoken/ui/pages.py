"""Rendering a page of the workplace: a view says where it is, `config` fills the shell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .shell import Crumb, Purpose


@dataclass(frozen=True)
class Here:
    """Where a page is: its navigation key, its crumbs, and the purpose it reads for (empty: none)."""

    active: str
    crumbs: Sequence[Crumb] = ()
    purpose: str = ""
    purposes: Sequence[Purpose] = ()
    search: Mapping[str, str] = field(default_factory=dict)


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, here: Here, status: int = 200
) -> HttpResponse:
    """Render a template that extends `ui/page.html`."""
    request.here = here  # type: ignore[attr-defined]
    return render(request, template, dict(context), status=status)
