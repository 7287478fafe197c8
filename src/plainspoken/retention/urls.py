"""Addresses of retention and holds."""

from django.urls import path

from . import views

app_name = "retention"
urlpatterns = [
    path("retention", views.holds, name="holds"),
    path("retention/holds/<uuid:hold>/lift", views.lift, name="lift"),
]
