"""Addresses of reports."""

from django.urls import path

from . import views

app_name = "analytics"
urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/new", views.new_report, name="new_report"),
    path("reports/stop/<str:secret>", views.stop, name="stop"),
    path("reports/<uuid:report>/", views.report, name="report"),
    path("reports/<uuid:report>/edit", views.edit_report, name="edit_report"),
    path("reports/<uuid:report>/remove", views.remove_report, name="remove_report"),
    path("reports/<uuid:report>/evaluations", views.behind, name="behind"),
    path("reports/<uuid:report>/export/<slug:format>", views.export, name="export"),
    path("reports/<uuid:report>/subscribe", views.subscribe, name="subscribe"),
    path("reports/mails/<uuid:subscription>/end", views.end_mail, name="end_mail"),
    path("reports/mails/<uuid:delivery>/again", views.mail_again, name="mail_again"),
]
