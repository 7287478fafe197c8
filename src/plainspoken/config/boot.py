"""Before Django: the database addresses. Embedded PostgreSQL is started when no address is given."""

import os

from plainspoken.config.data import data_folder


def boot(*, start: bool = True) -> None:
    """Set DATABASE_URL and DATABASE_OWNER_URL (starting the embedded server if they are not given), then Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plainspoken.config.settings")
    if start and not os.environ.get("DATABASE_URL"):
        from plainspoken.adapters import postgres

        os.environ.update(postgres.ready(data=data_folder()))
        os.environ["PLAINSPOKEN_EMBEDDED"] = "1"
    import django

    django.setup()
