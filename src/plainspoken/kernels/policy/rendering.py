"""Texts of a compiled policy for people: filled Markdown and safe HTML."""

from plainspoken.kernels.policy.filling import fill_text, quoted_fields, roots_of
from plainspoken.kernels.policy.markdown import render
from plainspoken.kernels.policy.model import Clause, Policy, Section
from plainspoken.kernels.policy.records import Rule, specifications


def fill(part: Clause | Section, *, policy: Policy, language: str | None = None) -> str:
    """The Markdown of a clause or a section with every value filled in.

    Times, dates, numbers and lists are written in ``language``, by default the policy's own. Raises
    ValueError for a language that Babel does not know.
    """
    rule = part.rule if isinstance(part, Clause) else None
    return fill_text(part.text, roots_of(rule, policy.controller), policy.speech(language))


def html(part: Clause | Section, *, policy: Policy, language: str | None = None) -> str:
    """Safe HTML of a clause or a section: no HTML of the author's passes, links go to the web, to mail or
    inside.
    """
    return render(fill(part, policy=policy, language=language))


def unquoted(policy: Policy) -> list[tuple[str, str]]:
    """Clause and field of every value that a text could say of its own rule and does not.

    Such a text is not wrong, but it might say the same by hand, and that could disagree with the rule one
    day.
    """
    found = []
    for clause in policy.clauses:
        quoted = quoted_fields(clause.text, roots_of(clause.rule, policy.controller))
        found += [(clause.id, name) for name in _worth_saying(clause.rule) if name not in quoted]
    return found


def _worth_saying(rule: Rule) -> list[str]:
    """The fields with a value, but for those that only say which sort of rule it is."""
    sort = getattr(rule, "kind", None)
    return [
        name
        for name, specification in specifications(type(rule)).items()
        if specification.belongs_to(sort)
        and name not in {"kind", "laws", "partner"}
        and getattr(rule, name) not in (None, ())
    ]
