"""Configuration: settings, addresses, health, and what ties the apps together."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "plainspoken.config"
    label = "config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        from plainspoken.policies.queries import ask_provers
        from plainspoken.proofs.registry import name_of, provers

        ask_provers(lambda: {clause: name_of(prover) for clause, prover in provers().items()})
