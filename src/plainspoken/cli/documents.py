"""Documents made from the code, compared in `make check`."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import typer.main

from plainspoken.kernels.policy import Policy, compile_policy

ROOT = Path(__file__).resolve().parents[3]
OURS = ROOT / "policies" / "plainspoken.md"
SECTIONS = "ABCDEFGHIJK"
MARK = re.compile(r"(<!-- promises -->\n).*?(<!-- /promises -->)", re.DOTALL)


@cache
def our_policy() -> Policy:
    return compile_policy(OURS.read_text("utf-8"), file="policies/plainspoken.md")


def policy_language() -> str:
    from plainspoken.kernels.policy.document import reference

    return reference()


def data_map() -> str:
    from plainspoken.custody.datamap import document
    from plainspoken.policies.datamap import said

    return document(said(our_policy()))


def request_states() -> str:
    from plainspoken.rights.states import diagram

    return diagram()


def evaluation_states() -> str:
    from plainspoken.quality.states import diagram

    return diagram()


def clauses() -> str:
    """Every clause with its rule kind, what enforces it and what proves it."""
    from plainspoken.policies.enforcers import enforcer
    from plainspoken.proofs.registry import name_of, provers

    known = provers()
    lines = [
        "# The promises, and what makes each true",
        "",
        "Made by `make docs`. A clause without a prover is unproved: it is said, not kept.",
    ]
    for letter in SECTIONS:
        rows = our_policy().clauses_of(letter)
        lines += [
            "",
            f"## {letter}. {rows[0].section_title}",
            "",
            "| id | promise | rule | enforced by | proved by |",
            "|---|---|---|---|---|",
        ]
        for clause in rows:
            enforced = enforcer(clause.id)
            prover = f"`{name_of(known[clause.id])}`" if clause.id in known else "nothing yet: unproved"
            shown = f"`{enforced}`" if enforced else "nothing yet"
            lines.append(f"| {clause.id} | {clause.title} | {clause.kind} | {shown} | {prover} |")
    return "\n".join(lines) + "\n"


def readme(text: str) -> str:
    """The README with its table of promises made anew between the marks."""
    from plainspoken.proofs.registry import provers

    known = provers()
    lines = [
        "| Section | Promises | With a prover | Proved by `plainspoken policy prove` |",
        "|---|---:|---:|---|",
    ]
    for letter in SECTIONS:
        rows = our_policy().clauses_of(letter)
        proved = [clause.id for clause in rows if clause.id in known]
        lines.append(
            f"| {letter}. {rows[0].section_title} | {len(rows)} | {len(proved)} |"
            f" {', '.join(f'`{i}`' for i in proved) or 'none yet: unproved'} |"
        )
    total, with_prover = len(our_policy().clauses), sum(c.id in known for c in our_policy().clauses)
    lines.append(f"| All | {total} | {with_prover} | {total - with_prover} are unproved, and shown as such |")
    return MARK.sub(lambda m: m.group(1) + "\n".join(lines) + "\n" + m.group(2), text)


def command_line() -> str:
    """Every command with its help and options."""
    from plainspoken.cli.main import build

    root = typer.main.get_command(build())
    lines = [
        "# The command line",
        "",
        "Made by `make docs`. Exit codes: 0 done, 1 a problem, 2 used wrongly.",
        "",
    ]
    _describe(root, "plainspoken", lines)
    return "\n".join(lines).rstrip() + "\n"


def _describe(command: Any, path: str, lines: list[str]) -> None:
    if hasattr(command, "commands"):
        for name in sorted(command.commands):
            _describe(command.commands[name], f"{path} {name}", lines)
        return
    lines += [f"## `{path}`", "", (command.help or "").strip(), ""]
    context = command.context_class(command, info_name=path)
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record and "--help" not in record[0]:
            lines.append(f"- `{record[0]}` {_plain(record[1])}".rstrip())
        elif record is None:
            lines.append(f"- `{parameter.human_readable_name.upper()}`")
    lines.append("")


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


DOCUMENTS: dict[str, Callable[[], Any]] = {
    "docs/reference/policy-language.md": policy_language,
    "docs/reference/data-map.md": data_map,
    "docs/reference/request-states.md": request_states,
    "docs/reference/evaluation-states.md": evaluation_states,
    "docs/reference/promises.md": clauses,
    "docs/reference/command-line.md": command_line,
}
