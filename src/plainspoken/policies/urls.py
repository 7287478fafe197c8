"""Addresses of the policies, and of the kernel's own pages (namespace `custody`).

The kernel's pages need roles and the published policy, and the kernel lies below both; so they are served
from here.
"""

from django.urls import include, path

from .views import datamap, ledger, notice, promises

policies = [
    path("promises/", promises.promises, name="promises"),
    path("promises/prove/", promises.prove, name="prove"),
    path("notice/", notice.notice, name="notice"),
    path("notice/<slug:organisation>/", notice.notice, name="notice"),
    path("changes/", notice.changes, name="changes"),
    path("changes/<slug:organisation>/", notice.changes, name="changes"),
]

custody = [
    path("datamap/", datamap.datamap, name="datamap"),
    path("ledger/", ledger.view, name="ledger"),
    path("ledger/check/", ledger.verify, name="verify"),
]

urlpatterns = [
    path("", include((policies, "policies"))),
    path("", include((custody, "custody"))),
]
