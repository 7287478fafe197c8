"""Every registered enforcer is a callable that exists."""

import pytest
from django.utils.module_loading import import_string

from plainspoken.kernels.policy import compile_policy
from plainspoken.policies import enforcers, queries

from .texts import ours


def test_every_enforcer_imports() -> None:
    found = enforcers.all_enforcers()
    assert {
        "notice.layered",
        "notice.version",
        "notice.controller",
        "collect.categories",
        "collect.points",
    } <= set(found)
    assert {"security.safeguards", "use.purposes", "basis.register"} <= set(found)
    for clause, path in found.items():
        assert path.startswith("plainspoken."), clause
        assert callable(import_string(path)), clause


def test_a_clause_has_one_enforcer_and_unknown_clauses_none() -> None:
    with pytest.raises(enforcers.EnforcerError, match="enforced by"):
        enforcers.register("notice.layered", "plainspoken.somewhere.else")
    with pytest.raises(enforcers.EnforcerError, match="There is no clause"):
        enforcers.register("notice.nothing", "plainspoken.somewhere.else")


def test_the_table_lists_all_76_clauses_in_order() -> None:
    rows = queries.checked(compile_policy(ours(), file="p.md"))
    assert len(rows) == 76
    assert [row.letter for row in rows] == sorted(row.letter for row in rows)
    by_id = {row.id: row for row in rows}
    assert by_id["notice.version"].enforcer == "plainspoken.policies.services.publish"
    assert by_id["notice.version"].rule == "versions"
    assert by_id["forum.visibility"].enforcer is None
