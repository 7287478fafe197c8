"""All kinds of rules. Importing this package registers them."""

from plainspoken.kernels.policy.kinds import (
    collection,
    cookies,
    disclosure,
    notice,
    rights,
    security,
    staying,
    use,
)

MODULES = (notice, collection, security, use, disclosure, cookies, rights, staying)
