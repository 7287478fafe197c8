"""`manage.py govern`: apply the derived security to the database."""

from typing import Any

from django.core.management.base import BaseCommand

from ...govern import govern


class Command(BaseCommand):
    help = "Apply row-level security, mask triggers and grants made from the declarations."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{govern()} statements applied.")
