"""Addresses of the privacy desk."""

from django.urls import path

from . import views

app_name = "rights"
urlpatterns = [
    path("requests", views.queue, name="desk"),
    path("requests/new", views.file, name="file"),
    path("requests/<str:reference>", views.case, name="case"),
    path("requests/<str:reference>/<slug:act>", views.act, name="act"),
    path("my-privacy", views.my_privacy, name="my_privacy"),
    path("my-privacy/ask/<slug:kind>", views.ask, name="ask"),
]
