"""The clause that the gate makes true."""

from plainspoken.policies.enforcers import register

register("disclose.default-deny", "plainspoken.disclosures.services.release")
