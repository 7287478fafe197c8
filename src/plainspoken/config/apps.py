"""Configuration: settings, addresses, health, and what ties the apps together."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "plainspoken.config"
    label = "config"
    verbose_name = "Configuration"
