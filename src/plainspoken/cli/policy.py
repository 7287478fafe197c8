"""`policy`: check, publish, show, list and compare policies. (`policy prove` is in `prove`.)"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import PROBLEM, USAGE, answer, console, errors, fail, table
from plainspoken.custody.actors import program

group = typer.Typer(
    help="The policy that runs: check it, publish it, read it, prove it.", no_args_is_help=True
)
COMMAND_LINE = program("command-line")
FILE = typer.Argument(None, help="A policy file; ours when left out.", dir_okay=False)
POLICY = typer.Argument(..., help="The policy file.", dir_okay=False)
TOLD_ON = typer.Option(
    None, help="When they were told otherwise (by letter, say).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
)
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")


def register(app: typer.Typer) -> None:
    group.command()(check)
    group.command()(publish)
    group.command()(show)
    group.command()(versions)
    group.command()(diff)
    app.add_typer(group, name="policy")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        fail(f"There is no file {file}. Name a policy file.", code=USAGE)
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as text. A policy is a Markdown file in UTF-8.", code=USAGE)


def _source(file: Path | None) -> tuple[str, str]:
    """(text, name) of a named file or of the policy that we ship."""
    if file is not None:
        return _read(file), str(file)
    from plainspoken.config.setup import our_policy

    return our_policy(), "policies/plainspoken.md"


def _wrong(found: Sequence[Any], *, json: bool) -> None:
    """Every error of a policy, one a line, and exit code 1."""
    lines = [{**asdict(error), "allowed": list(error.allowed)} for error in found]

    def human() -> None:
        for error in found:
            errors.print(str(error), markup=False, soft_wrap=True)
        errors.print(f"{len(found)} error{'' if len(found) == 1 else 's'}. Mend them and check again.")

    answer({"errors": lines}, json=json, human=human)
    raise typer.Exit(PROBLEM)


def check(file: Path | None = FILE, json: bool = JSON) -> None:
    """Compile a policy and list its clauses with what enforces and what proves each. Exit 1 if
    anything is wrong.
    """
    from plainspoken.kernels.policy import PolicyError, PolicyErrors, compile_policy, unquoted
    from plainspoken.policies import queries, services

    text, name = _source(file)
    try:
        policy = compile_policy(text, file=name)
    except PolicyErrors as wrong:
        _wrong(wrong.errors, json=json)
        return
    refusals = services.refusals(policy)
    if refusals:
        _wrong([PolicyError(name, line, clause, message) for line, clause, message in refusals], json=json)
    rows = queries.checked(policy)
    data: dict[str, Any] = {
        "version": policy.version_label,
        "clauses": [
            {"id": r.id, "title": r.title, "rule": r.rule, "enforcer": r.enforcer, "prover": r.prover}
            for r in rows
        ],
        "notes": [
            {"clause": clause, "field": field, "message": f"The text never quotes {field} of its rule."}
            for clause, field in unquoted(policy)
        ],
    }

    def human() -> None:
        lines = [(r.id, r.rule, r.enforcer or "nothing yet", r.prover or "unproved") for r in rows]
        table(
            f"{name}, version {policy.version_label}", ("Clause", "Rule", "Enforced by", "Proved by"), lines
        )
        proved = sum(r.prover is not None for r in rows)
        console.print(
            f"{len(rows)} clauses, no errors; {proved} have a prover, {len(rows) - proved} are unproved."
        )
        for note in data["notes"]:
            # No error: but said by hand, it could disagree with the rule one day.
            console.print(f"Note: {note['clause']}: {note['message']}", markup=False, soft_wrap=True)

    answer(data, json=json, human=human)


def publish(
    file: Path = POLICY,
    announce: bool = typer.Option(
        False, "--announce", help="Tell the people concerned of material changes first."
    ),
    told_on: datetime | None = TOLD_ON,
    told: int = typer.Option(0, min=0, help="How many were told then."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Put a policy into force. A material change starts only some time after people were told; else
    it is refused.
    """
    from django.utils import timezone

    from plainspoken.kernels.policy import PolicyErrors
    from plainspoken.policies import queries, services

    row = chosen(organisation)
    text = _read(file)
    try:
        if announce:
            made = services.announce(organisation=row.id, source=text, file=str(file), by=COMMAND_LINE)
        else:
            made = services.publish(
                organisation=row.id,
                source=text,
                file=str(file),
                by=COMMAND_LINE,
                notified=timezone.make_aware(told_on) if told_on else None,
                told=told,
            )
    except PolicyErrors as wrong:
        _wrong(wrong.errors, json=json)
        return
    except services.PublishRefused as refused:
        _refused(refused, json=json)
        return
    made = queries.version(organisation=row.id, number=made.number)
    start = queries.in_force_from(made)
    data = _described(made)

    def human() -> None:
        if start is None:
            console.print(
                f"Version {made.number} of {row.name} is announced. It starts on {made.effective_at:%d %B %Y}"
                " at the earliest, once the notices have gone out."
            )
        else:
            console.print(f"Version {made.number} of {row.name} holds from {start:%d %B %Y, %H:%M} UTC.")

    answer(data, json=json, human=human)


def _refused(refused: Any, *, json: bool) -> None:
    changes = [change.as_json() for change in getattr(refused, "changes", ())]

    def human() -> None:
        for reason in refused.reasons:
            errors.print(reason, markup=False, soft_wrap=True)

    answer({"refused": list(refused.reasons), "changes": changes}, json=json, human=human)
    raise typer.Exit(PROBLEM)


def _described(row: Any) -> dict[str, Any]:
    from plainspoken.policies.queries import in_force_from

    notice = getattr(row, "notice", None)
    return {
        "number": row.number,
        "version": row.label,
        "digest": row.digest,
        "published_at": row.published_at,
        "effective_at": row.effective_at,
        "in_force_from": in_force_from(row),
        "material": [change["sentence"] for change in row.material],
        "told": notice.told if notice else None,
    }


def show(
    clause: str | None = typer.Argument(None, help="A clause; the whole policy when left out."),
    organisation: str | None = ORGANISATION,
    source: bool = typer.Option(False, "--source", help="The published file itself, as it was given."),
    json: bool = JSON,
) -> None:
    """The policy in force, or one clause of it: its text for people, its rule, and how it stands."""
    from plainspoken.kernels.policy import fill, plain
    from plainspoken.policies import queries

    row = chosen(organisation)
    if source:
        typer.echo(queries.version_in_force(organisation=row.id).source, nl=False)
        return
    policy = queries.policy_in_force(organisation=row.id)
    stands = {item.clause.id: item for item in queries.clause_table(organisation=row.id)}
    if clause is not None and clause not in stands:
        fail(f"The policy has no clause {clause}. `plainspoken policy check` lists them.", code=USAGE)
    wanted = [item for item in policy.clauses if clause in (None, item.id)]
    data: dict[str, Any] = {
        "version": policy.version_label,
        "clauses": [
            {
                "id": item.id,
                "title": item.title,
                "text": fill(item, policy=policy),
                "rule": item.kind,
                "fields": plain(item.rule),
                "enforcer": stands[item.id].clause.enforcer,
                "prover": stands[item.id].clause.prover,
                "status": stands[item.id].status,
                "why": stands[item.id].why,
            }
            for item in wanted
        ],
    }

    def human() -> None:
        for item in data["clauses"]:
            console.print(f"[bold]{item['title']}[/]  {item['id']}  ({item['status']})")
            console.print(item["text"], markup=False)
            if clause:
                table(f"rule {item['rule']}", ("Field", "Value"), item["fields"].items())
            console.print()

    answer(data, json=json, human=human)


def versions(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Every version that was published, newest first."""
    from plainspoken.policies import queries

    row = chosen(organisation)
    now = queries.version_in_force(organisation=row.id).number
    rows = [
        _described(version) | {"in_force": version.number == now}
        for version in queries.versions(organisation=row.id)
    ]

    def human() -> None:
        lines = [
            (
                r["number"],
                r["version"],
                r["in_force_from"] or "waits for notice",
                len(r["material"]),
                "now" if r["in_force"] else "",
            )
            for r in rows
        ]
        table(f"Policy of {row.name}", ("Number", "Label", "In force from", "Material changes", ""), lines)

    answer({"versions": rows}, json=json, human=human)


def diff(
    old: str = typer.Argument(..., help="A file, or the number of a published version."),
    new: str = typer.Argument(..., help="A file, or the number of a published version."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """What differs between two policies, clause by clause, and which changes people must be told of first."""
    from plainspoken.policies.comparison import clause_changes, material_changes

    before, after = _policy(old, organisation), _policy(new, organisation)
    changes, material = clause_changes(before, after), material_changes(before, after)
    data = {
        "old": before.version_label,
        "new": after.version_label,
        "changes": [asdict(change) for change in changes],
        "material": [change.as_json() for change in material],
    }

    def human() -> None:
        lines = [(c.id, c.kind, c.direction, ", ".join(f.name for f in c.fields)) for c in changes]
        table(
            f"From {before.version_label} to {after.version_label}",
            ("Clause", "Kind", "Direction", "Fields"),
            lines,
        )
        for change in material:
            console.print(f"Material: {change.sentence}", markup=False)

    answer(data, json=json, human=human)


def _policy(named: str, organisation: str | None) -> Any:
    from plainspoken.kernels.policy import PolicyErrors, compile_policy
    from plainspoken.policies import queries

    if named.isascii() and named.isdigit() and not Path(named).exists():
        row = chosen(organisation)
        try:
            return queries.compiled(queries.version(organisation=row.id, number=int(named)))
        except queries.NoSuchVersion as error:
            fail(str(error), code=USAGE)
    try:
        return compile_policy(_read(Path(named)), file=named)
    except PolicyErrors as wrong:
        _wrong(wrong.errors, json=False)
