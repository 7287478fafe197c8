"""Addresses of the register of recipients."""

from django.urls import path

from . import views

app_name = "disclosures"
urlpatterns = [
    path("recipients", views.recipients, name="recipients"),
    path("outbox", views.outbox, name="outbox"),
]
