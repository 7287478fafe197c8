"""The rules of automatic evaluations, as they are published: which are in force, what they ask, how they are named."""

from functools import lru_cache
from json import dumps
from typing import Any
from uuid import UUID

from plainspoken.kernels import scoring

from .models import RuleSet
from .queries import FormChanged

POINTS = 10
# What stands first in the evidence of an answer that the rules could not give.
UNSAID = "cannot say"


def in_force(organisation: UUID) -> RuleSet | None:
    """The rules in force, inside a purpose session."""
    rows = RuleSet.objects.select_related("form__form").filter(organisation_id=organisation)
    return rows.filter(retired_at=None).first()


def rules_of(row: RuleSet) -> scoring.RuleSet:
    """The rules of a version. Raises FormChanged where they are not what was published."""
    rules = _parsed(dumps(row.content, sort_keys=True))
    if rules.digest != row.digest:
        raise FormChanged(f"Version {row.number} of the rules is not what was published.")
    return rules


@lru_cache(maxsize=16)
def _parsed(content: str) -> scoring.RuleSet:
    return scoring.read_rules(content)


def label(row: RuleSet) -> str:
    """What an evaluation says of its rules: the number of their version and their digest."""
    return f"{row.number}:{row.digest}"


def form_content(rules: scoring.RuleSet) -> dict[str, Any]:
    """The questions of the rules as a form: each yes or no, each may not apply, each worth the same."""
    return {
        "title": f"{rules.name} (rules)"[:120],
        "counting": "points",
        "sections": [
            {
                "id": "rules",
                "title": rules.name[:120],
                "weight": 1,
                "questions": [
                    {
                        "id": question.id,
                        "text": question.title,
                        "kind": "yes-no",
                        "points": POINTS,
                        "required": False,
                        "may_not_apply": True,
                    }
                    for question in rules.questions
                ],
            }
        ],
    }
