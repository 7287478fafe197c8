"""Addresses of every navigation entry, so that the side bar is whole whatever apps exist."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from plainspoken.ui.navigation import NAVIGATION


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _apps():
    names: dict[str, set[str]] = {}
    for sections in NAVIGATION.values():
        for section in sections:
            for entry in section.entries:
                app, _, name = entry.url_name.partition(":")
                names.setdefault(app, set()).add(name)
    return names


LATER = {"workforce", "quality", "coaching", "recourse", "retention"}  # apps of later issues

urlpatterns = [
    path(f"{app}/", include(([path(f"{name}/", nothing, name=name) for name in sorted(names)], app)))
    for app, names in sorted(_apps().items())
    if app not in LATER
]
