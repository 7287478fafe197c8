"""Pages of quality."""

from .automatic import (
    automatic_agreement,
    automatic_register,
    automatic_why,
    publish_rules,
    retire_rules,
)
from .calibrating import calibration, calibrations, close_session, new_calibration, sheet
from .evaluating import act, begin, evaluation, remark, save, unremark
from .forming import begin_form, builder, edit, form_version, forms, publish, retire
from .listing import evaluations, exported, waiting, work
from .planning import end_plan, new_plan, plans, preview, run_plan

__all__ = [
    "act",
    "automatic_agreement",
    "automatic_register",
    "automatic_why",
    "begin",
    "begin_form",
    "builder",
    "calibration",
    "calibrations",
    "close_session",
    "edit",
    "end_plan",
    "evaluation",
    "evaluations",
    "exported",
    "form_version",
    "forms",
    "new_calibration",
    "new_plan",
    "plans",
    "preview",
    "publish",
    "publish_rules",
    "remark",
    "retire",
    "retire_rules",
    "run_plan",
    "save",
    "sheet",
    "unremark",
    "waiting",
    "work",
]
