"""The clause that the purge makes true."""

from plainspoken.policies.enforcers import register

register("retain.as-needed", "plainspoken.retention.services.purge")
