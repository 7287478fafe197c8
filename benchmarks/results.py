"""What a run found: kept as JSON, shown as a table, written into the documentation."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .loading import rows
from .measuring import Figure, Line
from .store import ROOT

FILE = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "reference" / "measurements.md"


def result(
    lines: Sequence[Line], figures: Sequence[Figure], *, size: str, missing: Sequence[str]
) -> dict[str, Any]:
    """Everything about one run; `missing` says in a sentence each what could not be measured."""
    return {
        "date": date.today().isoformat(),
        "size": size,
        "machine": machine(),
        "lines": [{**asdict(line), "spread": list(line.spread), "met": line.met} for line in lines],
        "figures": [asdict(figure) for figure in figures],
        "missing": list(missing),
    }


def machine() -> dict[str, Any]:
    """What it ran on, without names or paths."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        "postgresql": rows("SHOW server_version")[0][0].split()[0],
        "django": version("django"),
        "load_of_15_minutes": round(os.getloadavg()[2], 1),
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def keep(found: dict[str, Any], *, file: Path = FILE) -> None:
    """Write the results."""
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


def kept(*, file: Path = FILE) -> dict[str, Any]:
    """The last results. Raises FileNotFoundError."""
    return dict(json.loads(file.read_text("utf-8")))


def missed(found: dict[str, Any]) -> list[str]:
    """Names of the lines whose goal is not met."""
    return [line["name"] for line in found["lines"] if line["met"] is False]


# ---- shown ----


def line_of(line: dict[str, Any]) -> str:
    """One ratio for a terminal."""
    goal = "" if line["met"] is None else f"  goal {_goal(line)}  {'met' if line['met'] else 'MISSED'}"
    low, high = line["spread"]
    times = f"{line['ours_ms']:.2f} ms against {line['baseline_ms']:.2f} ms"
    ratio = f"{line['ratio']:>6.2f} times  [{low:.2f} to {high:.2f}]"
    return f"{line['name']:<12} {ratio}{goal}  ({times}, {line['pairs']} pairs)"


def figure_of(figure: dict[str, Any]) -> str:
    """One figure for a terminal."""
    return f"{figure['name']:<44} {figure['value']:>10,} {figure['unit']}"


def document(found: dict[str, Any]) -> str:
    """The page of measurements; the same results make the same text."""
    facts = found["machine"]
    parts = [
        "# Measurements",
        "",
        "Written by `python -m benchmarks --document` from `benchmarks/results.json`, which `make bench` writes.",
        "Do not edit it by hand.",
        "",
        f"Measured on {found['date']} at {found['size']} size: {facts['processor']}, {facts['cores']} cores,"
        f" {facts['memory_gb']} GB, {facts['system']}, Python {facts['python']}, Django {facts['django']},"
        f" PostgreSQL {facts['postgresql']}. Mean load of the last 15 minutes: {facts['load_of_15_minutes']}.",
        "",
        "Each ratio is the median of pairs: ours and the baseline take turns within one run, so that a machine",
        "which slows down slows both. The range holds the middle eight tenths of the pairs. Times depend on the",
        "machine; ratios hardly do.",
        "",
        "| | ratio | range | goal | met | ours | baseline |",
        "|---|---:|---:|---:|---|---:|---:|",
        *(_row(line) for line in found["lines"]),
        "",
        "## What was compared",
        "",
        *(_described(line) for line in found["lines"]),
        "",
        "For background: Fides 2.78 took 327 ms for an access request over 11 rows among 110,000, where SQL by",
        "hand took 0.6 ms.",
        "",
        "## Figures without a peer",
        "",
        "| | value | how |",
        "|---|---:|---|",
        *(_figure_row(figure) for figure in found["figures"]),
        "",
    ]
    if found["missing"]:
        parts += ["## Not measured", "", *(f"- {text}" for text in found["missing"]), ""]
    return "\n".join(parts)


def _row(line: dict[str, Any]) -> str:
    low, high = line["spread"]
    goal = "" if line["met"] is None else f"at most {_goal(line)}"
    met = {True: "yes", False: "**no**", None: ""}[line["met"]]
    return (
        f"| {line['name']} | {line['ratio']:.2f} | {low:.2f} to {high:.2f} | {goal} | {met}"
        f" | {line['ours_ms']:.2f} ms | {line['baseline_ms']:.2f} ms |"
    )


def _goal(line: dict[str, Any]) -> str:
    """A ratio, or a time of ours."""
    return f"{line['goal_ms']:,.0f} ms" if line.get("goal_ms") is not None else f"{line['goal']:.1f}"


def _described(line: dict[str, Any]) -> str:
    return f"- **{line['name']}**: {line['ours']}; against {line['baseline']}. {line['note']}".rstrip()


def _figure_row(figure: dict[str, Any]) -> str:
    value = f"{figure['value']:,} {figure['unit']}".strip()
    how = ". ".join(part.rstrip(".") for part in (figure["how"], figure["note"]) if part)
    return f"| {figure['name']} | {value} | {how} |"
