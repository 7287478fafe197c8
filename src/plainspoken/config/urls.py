"""Root addresses: each app's own, the API, health, and allauth's sign-in."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from plainspoken.config.api import api
from plainspoken.config.views import healthz, readyz

APPS = (
    "custody",
    "people",
    "policies",
    "disclosures",
    "retention",
    "rights",
    "conversations",
    "quality",
    "coaching",
    "analytics",
    "portal",
    "exchange",
)


def _apps() -> list[URLPattern | URLResolver]:
    """Each app that has pages is mounted once; its addresses carry their own prefix."""
    return [
        path("", include(f"plainspoken.{name}.urls"))
        for name in APPS
        if find_spec(f"plainspoken.{name}.urls")
    ]


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("account/", include("plainspoken.people.account_urls")),
    path("api/", api.urls),
    *_apps(),
    path("", include("plainspoken.config.pages")),
]

handler403 = "plainspoken.config.views.forbidden"
handler404 = "plainspoken.config.views.missing"
handler500 = "plainspoken.config.views.broken"
