"""Addresses of people and roles, and of `/`."""

from django.urls import path

from . import views

app_name = "people"
urlpatterns = [
    path("", views.home, name="home"),
    path("people/me/", views.my_privacy, name="my_privacy"),
    path("people/", views.accounts, name="accounts"),
    path("people/add/", views.add, name="add"),
    path("people/teams/", views.teams, name="teams"),
    path("people/<uuid:member>/", views.account, name="account"),
    path("people/<uuid:member>/end/", views.end, name="end"),
    path("people/<uuid:member>/password/", views.password, name="password"),
    path("people/<uuid:member>/tokens/", views.issue_token, name="issue_token"),
    path("people/<uuid:member>/tokens/<uuid:token>/revoke/", views.revoke_token, name="revoke_token"),
]
