"""The public site: privacy centre, requests, and the way to follow them."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "plainspoken.portal"
    label = "portal"
    verbose_name = "Portal"
