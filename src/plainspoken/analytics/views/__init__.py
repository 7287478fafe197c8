"""Pages of reports."""

from .building import edit_report, new_report
from .listing import remove_report, reports
from .mailing import end_mail, mail_again, stop, subscribe
from .showing import behind, export, report

__all__ = [
    "behind",
    "edit_report",
    "end_mail",
    "export",
    "mail_again",
    "new_report",
    "remove_report",
    "report",
    "reports",
    "stop",
    "subscribe",
]
