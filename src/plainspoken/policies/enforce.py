"""The clauses that the kernel, `people` and this app make true (the first two lie below the policies)."""

from .enforcers import register

register("notice.layered", "plainspoken.policies.notices.page")
register("notice.version", "plainspoken.policies.services.publish")
register("notice.controller", "plainspoken.policies.notices.controller")
register("collect.categories", "plainspoken.policies.coverage.gaps")
register("collect.points", "plainspoken.policies.collection.admit")
register("security.safeguards", "plainspoken.policies.safeguards.strictest_sign_in")
register("use.purposes", "plainspoken.custody.sessions.purpose")
register("basis.register", "plainspoken.policies.services.terms_of")
