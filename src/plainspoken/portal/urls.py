"""Addresses of the public pages."""

from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    path("privacy/", views.centre, name="centre"),
    path("privacy/<slug:organisation>/", views.centre, name="centre"),
    path("privacy/<slug:organisation>/ask/<slug:kind>/", views.ask, name="request"),
    path("privacy/<slug:organisation>/track/", views.find, name="find"),
    path("privacy/<slug:organisation>/track/<slug:reference>/", views.track, name="track"),
    path("privacy/<slug:organisation>/track/<slug:reference>/archive/", views.archive, name="archive"),
    path("privacy/<slug:organisation>/track/<slug:reference>/withdraw/", views.withdraw, name="withdraw"),
    path("privacy/<slug:organisation>/verify/<slug:reference>/", views.verify, name="verify"),
    path("privacy/<slug:organisation>/verify/<slug:reference>/again/", views.again, name="again"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
]
