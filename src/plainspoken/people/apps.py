"""Accounts, memberships and roles; data subjects' identifiers and their resolution."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "plainspoken.people"
    label = "people"
    verbose_name = "People"
