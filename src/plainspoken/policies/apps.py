"""Published policies: versions, layering, notices."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "plainspoken.policies"
    label = "policies"
    verbose_name = "Policies"

    def ready(self) -> None:
        from plainspoken.people import sign_in

        from . import enforcers
        from .safeguards import strictest_sign_in

        enforcers.load()
        sign_in.ask_policy(strictest_sign_in)
