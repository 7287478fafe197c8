"""The API of the policies: the policy in force, how its promises stand, the public notice, and the
data map.
"""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router

from plainspoken.custody.datamap import held
from plainspoken.kernels.policy import plain

from . import datamap, notices, queries

router = Router(tags=["Promises"])
MAP_READERS = ("privacy_officer", "administrator")


@router.get("/policy", summary="The policy in force: every clause with its text and its rule")
def policy(request: Any) -> dict[str, Any]:
    organisation = request.membership.organisation_id
    version = queries.version_in_force(organisation=organisation)
    compiled = queries.compiled(version)
    return {
        "version": version.number,
        "label": version.label,
        "digest": version.digest,
        "effective": queries.in_force_from(version),
        "clauses": [
            asdict(item) | {"fields": plain(compiled.rule(item.id)), "text": compiled.clause(item.id).summary}
            for item in queries.checked(compiled)
        ],
    }


@router.get("/promises", summary="How every promise stands by the last proof")
def promises(request: Any) -> dict[str, Any]:
    organisation = request.membership.organisation_id
    table = queries.clause_table(organisation=organisation)
    return {
        "version": queries.version_in_force(organisation=organisation).number,
        "held": sum(row.status == "held" for row in table),
        "broken": sum(row.status == "broken" for row in table),
        "unproved": sum(row.status == "unproved" for row in table),
        "clauses": [
            {
                "id": row.clause.id,
                "title": row.clause.title,
                "text": row.text,
                "status": row.status,
                "why": row.why,
                "at": row.at,
                "seconds": row.seconds,
                "evidence": list(row.evidence),
                "enforcer": row.clause.enforcer,
                "prover": row.clause.prover,
            }
            for row in table
        ],
    }


@router.get("/notice", auth=None, summary="The public notice; no account is needed")
def notice(
    request: HttpRequest, organisation: str | None = None, version: int | None = None
) -> dict[str, Any]:
    house = queries.public_organisation(organisation)
    if version is None:
        row = queries.version_in_force(organisation=house.id)
    else:
        row = queries.version(organisation=house.id, number=version)
    return notices.as_json(row, organisation=house.slug)


@router.get("/datamap", summary="Every place that can hold personal data, with what each right does there")
def data_map(request: Any) -> dict[str, Any]:
    if request.membership.role not in MAP_READERS:
        raise PermissionDenied("Your role may not read the data map.")
    words = datamap.said(queries.policy_in_force(organisation=request.membership.organisation_id))
    return {"places": [asdict(row) for row in held(words)]}
