"""The measuring code on a handful of rows: that it measures the same rows, and says what it found."""

import json
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from benchmarks import growing, pure, results, scoring, writers
from benchmarks.loading import rows
from benchmarks.measuring import Line, pairs
from benchmarks.population import CONVERSATION, Population, key
from benchmarks.running import Run
from benchmarks.sizes import FULL, TINY
from benchmarks.store import found_house

RATIOS = ["Access", "Erasure", "Ledger", "Ten queries", "Search", "Search, p95", "Aggregates"]


@pytest.fixture(scope="module")
def run(module_database: str) -> Run:
    """Every line once, in the test's own database."""
    done = Run(TINY, say=lambda text: None)
    population = done.measure(found_house())
    done.figures.append(growing.among_many(population.organisation, population))
    done.figures.append(pure.policy_figure(count=1))
    return done


def test_every_line_is_measured_against_its_baseline(run: Run) -> None:
    assert [line.name for line in run.lines] == RATIOS
    for line in run.lines:
        assert line.ours_ms > 0 and line.baseline_ms > 0
        # A ratio of two percentiles need not lie among the ratios of the pairs.
        own = line.ours_ms / line.baseline_ms if "p95" in line.name else line.ratio
        assert line.ratio == pytest.approx(own, rel=0.02)
        assert line.spread[0] <= line.spread[1]
        assert "p95" in line.name or line.spread[0] <= line.ratio <= line.spread[1]
        assert line.ours and line.baseline and line.note


def test_among_many_everybody_has_talked_to_somebody(run: Run) -> None:
    figure = next(one for one in run.figures if one.name.startswith("Access request among"))
    assert figure.value > 0 and int(figure.name.split()[3].replace(",", "")) > TINY.measures
    alone = (
        "SELECT count(*) FROM conversations_conversation c WHERE erased_at = '2026-01-01 00:00:00+00'"
        " AND 2 <> (SELECT count(*) FROM conversations_participation p WHERE p.conversation_id = c.id)"
    )
    assert rows(alone) == [(0,)]
    few = replace(figure, name="Access request among 15 conversations", value=figure.value / 3)
    assert growing.growth(few, figure).value == pytest.approx(3.0, abs=0.01)


def test_results_have_their_shape_and_met_follows_the_ratio(run: Run, tmp_path: Path) -> None:
    found = run.result(size="tiny")
    assert set(found) == {"date", "size", "machine", "lines", "figures", "missing"}
    for line in found["lines"]:
        assert line["met"] is (line["ratio"] <= line["goal"])
    assert results.missed(found) == [line["name"] for line in found["lines"] if line["ratio"] > line["goal"]]
    text = json.dumps(found)
    assert "/" not in json.dumps(found["machine"]).replace("/s", ""), "no path in the facts of the machine"
    results.keep(found, file=tmp_path / "results.json")
    assert results.kept(file=tmp_path / "results.json") == json.loads(text)


def test_the_page_comes_from_the_results_alone(run: Run) -> None:
    found = json.loads(json.dumps(run.result(size="tiny")))
    page = results.document(found)
    assert page == results.document(json.loads(json.dumps(found)))
    for line in found["lines"]:
        assert f"| {line['name']} | {line['ratio']:.2f} |" in page


def test_the_page_in_the_documentation_is_that_of_the_results_kept() -> None:
    """Written anew by `python -m benchmarks --document`."""
    assert results.DOCUMENT.read_text("utf-8") == results.document(results.kept())


def test_what_the_writers_wrote_is_all_there(run: Run) -> None:
    """Each turn of either way wrote the same number of entries; the naive chain is whole too."""
    line = next(line for line in run.lines if line.name == "Ledger")
    turns = line.pairs + 2
    written = turns * TINY.writers * TINY.entries
    assert rows("SELECT count(*) FROM custody_ledgerentry WHERE act = 'bench.entry'")[0][0] == written
    assert writers.chained() == written


def test_people_of_the_population_are_masked_as_triggers_would_mask_them(run: Run) -> None:
    """The loader writes masks itself; they are those that follow from the decisions it loads."""
    wrong = rows(
        "SELECT count(*) FROM custody_subject s WHERE closed_to <> coalesce((SELECT bit_or(1::bigint << p.bit)"
        " FROM custody_decision d CROSS JOIN LATERAL unnest(d.purposes) named(purpose)"
        " JOIN custody_purpose p ON p.name = named.purpose WHERE d.subject_id = s.id), 0)"
    )
    assert wrong[0][0] == 0
    closed = rows("SELECT count(*) FROM custody_subject WHERE closed_to <> 0")
    assert closed[0][0] > 0
    for table, link in (
        ("people_identifier", "JOIN custody_subject s ON s.id = r.subject_id"),
        ("conversations_participation", "JOIN custody_subject s ON s.id = r.subject_id"),
        ("transcripts_transcript", "JOIN conversations_conversation s ON s.id = r.conversation_id"),
        ("transcripts_turn", "JOIN transcripts_transcript s ON s.id = r.transcript_id"),
    ):
        assert rows(f"SELECT count(*) FROM {table} r {link} WHERE r.closed_to <> s.closed_to")[0][0] == 0, (
            table
        )


def test_loading_leaves_every_rule_in_force(run: Run) -> None:
    """After the load, triggers fire, indexes and foreign keys are there, and row-level security binds the owner."""
    from plainspoken.custody.govern import database_gaps

    assert [gap for gap in database_gaps() if not gap.place.startswith("bench_chain")] == []
    assert rows("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal")[0][0] == 0
    assert rows("SELECT count(*) FROM pg_index WHERE NOT indisvalid")[0][0] == 0
    keys = (
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'transcripts_turn'::regclass"
    )
    assert rows(keys)[0][0] == 3


def test_the_full_population_has_a_million_rows() -> None:
    assert FULL.rows >= 1_000_000
    assert FULL.people == 100_000 and FULL.found == 200_000 and FULL.measures == 1_000_000
    population = Population(organisation=None, sizes=TINY)  # type: ignore[arg-type]
    names = [line.split("\t")[0] for line in (population._measure(n) for n in range(50))]
    assert len(set(names)) == 50 and names[3] == key("conversation", 3)
    assert len(population._measure(1).split("\t")) == len(CONVERSATION.split(", "))


def test_pairs_take_turns_and_compare_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that only our two works move: the third pair runs on a machine ten times slower."""
    order: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])

    def work(name: str, seconds: float) -> None:
        order.append(name)
        clock[0] += seconds * (10 if len(order) in (5, 6) else 1)

    line = pairs(
        "Work",
        ours=lambda: work("ours", 0.3),
        baseline=lambda: work("baseline", 0.1),
        describe=("thrice as long", "once"),
        count=5,
        warm=0,
        goal=2.9,
    )
    assert order == ["ours", "baseline", "baseline", "ours"] * 2 + ["ours", "baseline"]
    assert line.ratio == 3.0 and line.spread == (3.0, 3.0) and line.met is False
    assert (line.ours_ms, line.baseline_ms, line.pairs) == (300.0, 100.0, 5)


def test_a_line_without_a_goal_is_neither_met_nor_missed() -> None:
    numbers = count(1)
    line = Line("x", "a", "b", 1.0, 1.0, 1.0, (1.0, 1.0), None, next(numbers))
    assert line.met is None


def test_scoring_is_measured_on_lines_held_out() -> None:
    line = scoring.scoring_line(count=10, turns=1)
    assert line.ours_ms > 0 and line.baseline_ms > 0 and line.note
    figures = scoring.scoring_figures(each=2)
    assert {"Scoring, habits of agents: precision", "Scoring, talk-over: recall of no"} <= {
        figure.name for figure in figures
    }
    assert all("held out" in figure.how and 0 <= figure.value <= 1 for figure in figures)
