"""Published policies: versions, layering, notices."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "plainspoken.policies"
    label = "policies"
    verbose_name = "Policies"
