"""Sign-in: those of allauth's pages that we offer, under its own names.

Left out on purpose: sign-up (administrators add people), reset by mail (nothing is sent outside the
disclosure gate; an administrator gives a temporary password), and changing one's address (it is what one
is known by).
"""

from allauth.account import views as allauth
from django.urls import path

from . import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("password/change/", allauth.password_change, name="account_change_password"),
]
