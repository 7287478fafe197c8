"""The app `disclosures`."""

from django.apps import AppConfig


class DisclosuresConfig(AppConfig):
    name = "plainspoken.disclosures"
    label = "disclosures"
    verbose_name = "Disclosures"
