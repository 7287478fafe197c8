"""The clauses that this app makes true."""

from plainspoken.policies.enforcers import register

register("right.access", "plainspoken.rights.services.archiving.build")
register("right.erase", "plainspoken.rights.services.erasing.run_steps")
register("right.restrict", "plainspoken.rights.services.restricting.restrict")
register("rights.verify", "plainspoken.rights.services.proving.verify")
