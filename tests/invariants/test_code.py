"""Rules of the code that imports cannot show, read from its syntax tree. Each is tried on code that breaks it."""

import ast
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import plainspoken

SOURCE = Path(plainspoken.__file__).parent
Rule = Callable[[Path, ast.AST], Iterator[int]]


def files() -> Iterator[Path]:
    """Our own code, without tests and migrations."""
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(SOURCE).parts):
            yield path


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@dataclass(frozen=True)
class Allowed:
    """Files or folders that a rule does not bind, each with its reason."""

    reasons: dict[str, str]

    def covers(self, name: str) -> bool:
        return any(name == one or name.startswith(one.rstrip("/") + "/") for one in self.reasons)


@functools.cache
def tree_of(path: Path) -> ast.AST:
    """Each file is read once for all rules."""
    return ast.parse(path.read_text())


def broken(rule: Rule, allowed: Allowed) -> list[str]:
    """Where our code breaks a rule."""
    return [
        f"{name_of(path)}:{number}"
        for path in files()
        if not allowed.covers(name_of(path))
        for number in rule(path, tree_of(path))
    ]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            return f"{before}.{name}" if (before := dotted(inner)) else f".{name}"
        case _:
            return ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def modules(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, node.lineno) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{one.name}", node.lineno) for one in node.names)


# ---- domain time ----

CLOCK = Allowed(
    {
        "custody/clock.py": "It is the clock.",
        "adapters": "Files and processes of the machine live in its time.",
        "config": "Backups, sign-in tokens and health belong to no organisation.",
        "proofs": "A prover is somebody outside, with a watch of their own.",
        "cli/jobs.py": "Jobs run by the machine's time.",
        "exchange/vcon.py": "A lawful basis ends by the world's clock, before any organisation is known.",
    }
)
NOW = re.compile(r"(?<![\w.])(?:now\(\)|current_timestamp|localtimestamp|statement_timestamp\(\)|clock_timestamp\(\))", re.I)  # fmt: skip
SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE)\b")


def tells_time(path: Path, tree: ast.AST) -> Iterator[int]:
    """timezone.now, datetime.now, utcnow, today, database functions, and SQL's own clocks."""
    for called, node in calls(tree):
        if called.endswith((".now", ".utcnow", ".today")) and called.split(".")[-2] in (
            "timezone",
            "datetime",
            "date",
        ):
            yield node.lineno
        if called in ("Now", "functions.Now", "TransactionNow"):
            yield node.lineno
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else ""
        if isinstance(text, str) and SQL.search(text) and NOW.search(text):
            yield node.lineno  # type: ignore[attr-defined]


SQL_CLOCKS = {
    "custody/purposes.py": "The clock that custody_enter compares with: at once must mean at once there.",
}


def test_domain_time_comes_from_the_organisations_clock() -> None:
    assert broken(tells_time, Allowed({**CLOCK.reasons, **SQL_CLOCKS})) == []


def test_sql_files_ask_the_machine_only_to_shift_its_time() -> None:
    for path in sorted(SOURCE.rglob("*.sql")):
        for number, text in enumerate(path.read_text().splitlines(), 1):
            if NOW.search(text.partition("--")[0]):
                assert "clock_timestamp() + o.clock_shift" in text, f"{name_of(path)}:{number}"


# ---- errors are not swallowed, output goes through one door ----


def swallows(path: Path, tree: ast.AST) -> Iterator[int]:
    """`except …: pass` (or `...`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1:
            only = node.body[0]
            if isinstance(only, ast.Pass) or (
                isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant)
            ):
                yield node.lineno


def suppresses_all(path: Path, tree: ast.AST) -> Iterator[int]:
    for called, node in calls(tree):
        if called.endswith("suppress") and any(
            dotted(a) in ("Exception", "BaseException") for a in node.args
        ):
            yield node.lineno


def prints(path: Path, tree: ast.AST) -> Iterator[int]:
    yield from (node.lineno for called, node in calls(tree) if called == "print")


def test_no_error_is_swallowed() -> None:
    busy = {
        "adapters/postgres/client.py": "A server with no connection left is there, which was the question."
    }
    assert broken(swallows, Allowed(busy)) == []
    assert broken(suppresses_all, Allowed({})) == []


def test_nothing_prints_but_commands() -> None:
    programs = {
        "kernels/policy/document.py": "Run as a program, it prints the document that it makes.",
        "adapters/postgres/__main__.py": "Run as a program, before anything else is there to speak.",
    }
    assert broken(prints, Allowed(programs)) == []


# ---- the owner's connection, sockets, mail ----


def as_owner(path: Path, tree: ast.AST) -> Iterator[int]:
    """The connection that row-level security lets see everything: `.using("owner")`, `connections["owner"]`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="using"), args=[named, *_]):
                pass
            case ast.Subscript(value=holder, slice=named) if dotted(holder).endswith("connections"):
                pass
            case ast.keyword(arg="using", value=named):
                pass
            case _:
                continue
        text = named.value if isinstance(named, ast.Constant) else dotted(named)
        if text == "owner" or str(text).endswith("OWNER_ALIAS") or text == "ALIAS":
            yield named.lineno


OWNER = Allowed(
    {
        "custody/purposes.py": "Publishing a policy writes what the running application may only read.",
        "custody/removal.py": "Removes a whole organisation, its fixed rows too.",
        "config": "Migrations, scratch databases, residue, health: by an operator, not by a request.",
        "cli/service.py": "Upgrade says what is to be migrated.",
    }
)


def test_the_owners_connection_is_used_where_it_must_be() -> None:
    assert broken(as_owner, OWNER) == []


NETWORK = ("socket", "smtplib", "http.client", "httpx", "requests", "urllib.request", "ftplib", "aiohttp")
NETWORKED = Allowed(
    {
        "adapters": "They are the way out.",
        "proofs": "Provers act from outside, by HTTP and mail.",
        "config/mainjob.py": "The demonstration's people act as visitors do.",
        "config/running.py": "Asks for a free port, for a server of its own.",
        "config/service.py": "Asks its own /healthz.",
    }
)


def opens_the_network(path: Path, tree: ast.AST) -> Iterator[int]:
    for module, number in modules(tree):
        if any(module == one or module.startswith(f"{one}.") for one in NETWORK):
            yield number
        if module.startswith("django.core.mail"):
            yield number
    for called, node in calls(tree):
        if called.split(".")[-1] in ("send_mail", "send_mass_mail", "mail_admins", "email_user"):
            yield node.lineno


def test_only_adapters_open_the_network_and_nothing_sends_mail_by_itself() -> None:
    assert broken(opens_the_network, NETWORKED) == []


# ---- services say who ----


def writes(function: ast.FunctionDef) -> bool:
    """Whether a function enters something in the ledger, or opens a purpose to write."""
    return any(called in ("ledger.enter", "ledger.enter_read") for called, _ in calls(function))


def nameless(path: Path, tree: ast.AST) -> Iterator[int]:
    """Public functions of services that enter in the ledger and do not take `by`."""
    name = path.as_posix()
    if not (name.endswith("/services.py") or "/services/" in name):
        return
    assert isinstance(tree, ast.Module)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and writes(node):
            given = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            if "by" not in given:
                yield node.lineno


def test_services_say_who_acts() -> None:
    assert broken(nameless, Allowed({})) == []


# ---- twins: each rule sees the code that breaks it ----


@pytest.mark.parametrize(
    ("rule", "code", "count"),
    [
        (tells_time, "from django.utils import timezone\nx = timezone.now()", 1),
        (tells_time, "import datetime\nx = datetime.datetime.now(datetime.UTC)", 1),
        (tells_time, "from datetime import date, datetime\nx = date.today()\ny = datetime.utcnow()", 2),
        (tells_time, "cursor.execute('SELECT * FROM t WHERE at < now()')", 1),
        (tells_time, "cursor.execute('DELETE FROM t WHERE at < CURRENT_TIMESTAMP')", 1),
        (tells_time, "rows.update(at=Now())", 1),
        (tells_time, "x = clock.now(organisation)\ny = 'It is now.'", 0),
        (swallows, "try:\n    go()\nexcept ValueError:\n    pass", 1),
        (swallows, "try:\n    go()\nexcept ValueError:\n    ...", 1),
        (swallows, "try:\n    go()\nexcept ValueError:\n    again()", 0),
        (suppresses_all, "with contextlib.suppress(Exception):\n    go()", 1),
        (suppresses_all, "with suppress(FileNotFoundError):\n    go()", 0),
        (prints, "print('x')", 1),
        (prints, "console.print('x')", 0),
        (as_owner, "Turn.objects.using('owner').all()", 1),
        (as_owner, "with connections[OWNER_ALIAS].cursor() as c:\n    pass", 1),
        (as_owner, "with transaction.atomic(using='owner'):\n    pass", 1),
        (as_owner, "Turn.objects.using('default').all()", 0),
        (opens_the_network, "import smtplib", 1),
        (opens_the_network, "from urllib.request import urlopen", 1),
        (opens_the_network, "def f():\n    import socket", 1),
        (opens_the_network, "from django.core.mail import send_mail\nsend_mail('a', 'b', 'c', ['d'])", 2),
        (opens_the_network, "from urllib.parse import urlsplit", 0),
        (nameless, "def close(*, organisation):\n    ledger.enter(act='x')", 1),
        (nameless, "def close(*, organisation, by):\n    ledger.enter(act='x', by=by)", 0),
        (nameless, "def _close(row):\n    ledger.enter(act='x')", 0),
    ],
)  # fmt: skip
def test_twin_each_rule_goes_red(rule: Rule, code: str, count: int) -> None:
    assert len(list(rule(Path("plainspoken/x/services.py"), ast.parse(code)))) == count


def test_twin_a_reason_that_nobody_needs_any_more_is_found() -> None:
    """An exception that no code uses would hide the next mistake."""
    for rule, allowed in (
        (tells_time, Allowed({**CLOCK.reasons, **SQL_CLOCKS})),
        (as_owner, OWNER),
        (opens_the_network, NETWORKED),
    ):
        used = {name.partition(":")[0] for name in broken(rule, Allowed({}))}
        for one in allowed.reasons:
            assert any(Allowed({one: ""}).covers(name) for name in used), one
