"""Addresses of sources, of calls compared and of what is kept."""

from django.urls import path

from . import views

app_name = "exchange"
urlpatterns = [
    path("sources/", views.shown, name="sources"),
    path("sources/folders/", views.add_folder, name="add_folder"),
    path("sources/buckets/", views.add_bucket, name="add_bucket"),
    path("sources/again/", views.again, name="again"),
    path("sources/calls/", views.calls, name="calls"),
    path("sources/calls/export/", views.export_calls, name="export_calls"),
    path("sources/calls/<slug:verdict>/looked/", views.looked, name="looked"),
    path("sources/keeping/", views.kept, name="keeping"),
    path("sources/keeping/<uuid:rule>/end/", views.end_rule, name="end_rule"),
    path("sources/<uuid:source>/<slug:act>/", views.change, name="change"),
]
