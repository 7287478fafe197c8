"""One run: the house is filled step by step, and each line is measured when its rows are there."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from . import (
    growing,
    heard,
    hearing,
    measured,
    playing,
    pure,
    reading,
    results,
    rights,
    scoring,
    searching,
    store,
    writers,
)
from .loading import counted, rows
from .measured import Person
from .measuring import Figure, Line
from .population import PEOPLE, TALK, Population
from .sizes import Sizes

T = TypeVar("T")
CALLS = 3


@dataclass
class Run:
    """What was found so far; `say` is told each thing as it comes."""

    sizes: Sizes
    say: Callable[[str], None]
    lines: list[Line] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def in_database(self) -> None:
        """Every ratio, in a scratch database of the server that is configured."""
        few = growing.among_few(self.sizes)
        self._keep([few])
        with store.opened() as organisation:
            population = self.measure(organisation)
            many = growing.among_many(organisation, population)
            self._keep([many, growing.growth(few, many)])
            self._player(organisation)

    def measure(self, organisation: UUID) -> Population:
        """Every ratio, in an empty house: it is filled step by step."""
        people = self._step("people arrive", lambda: measured.arrive_all(organisation, self.sizes.measured))
        population = Population(organisation, self.sizes)
        self._step("rows are loaded", population.load_people)
        self._rights(organisation, people)
        self._writers(organisation)
        self._readers(organisation, population)
        return population

    def _rights(self, organisation: UUID, people: Sequence[Person]) -> None:
        held, whole = counted((*PEOPLE, *TALK)), people[: self.sizes.whole]
        left = people[self.sizes.whole :]
        turns = len(left) // 2 - 1
        self._line(lambda: rights.access_line(organisation, people, count=4 * self.sizes.pairs, held=held))
        self._figure(lambda: rights.whole(organisation, whole, "access"))
        self._figure(lambda: rights.whole(organisation, whole, "erase"))
        self._line(lambda: rights.erasure_line(organisation, left, count=turns, held=held))

    def _writers(self, organisation: UUID) -> None:
        several = self.sizes.pairs // 2 + 1
        self._line(
            lambda: writers.ledger_line(
                organisation, writers=self.sizes.writers, entries=self.sizes.entries, count=several
            )
        )
        self._figure(lambda: writers.sealing_figure(organisation))

    def _readers(self, organisation: UUID, population: Population) -> None:
        several = self.sizes.pairs
        shown = reading.open_conversations(organisation, 50)
        self._line(lambda: reading.page_line(organisation, shown, count=6 * several))
        self._step("transcripts are loaded", population.load_transcripts)
        found = _count("transcripts_transcript")
        self._line(lambda: reading.search_line(organisation, count=max(1, several // 5), among=found))
        self._step("segments are loaded", population.load_segments)
        self._searched(organisation)
        self._step("measures are loaded", population.load_measures)
        there = _count("conversations_conversation")
        self._line(lambda: reading.aggregate_line(organisation, count=several, among=there))

    def _player(self, organisation: UUID) -> None:
        """Needs Chromium, so it is apart from what every machine measures."""
        try:
            self._line(
                lambda: playing.play_line(
                    organisation, seconds=self.sizes.sound_s, count=self.sizes.pairs // 2
                )
            )
        except (ImportError, FileNotFoundError) as error:
            self.missing.append("Time to play: there is no Chromium.")
            self.say(f"Time to play: there is no Chromium. ({error})")

    def _searched(self, organisation: UUID) -> None:
        line, figures = searching.found_lines(
            organisation, count=self.sizes.pairs, segments=_count("transcripts_turn")
        )
        self._line(lambda: line)
        self._keep(figures)

    def without_database(self, *, calls: int = CALLS) -> None:
        """Figures of kernels and recogniser; what cannot be measured here is named in the results."""
        self._figure(lambda: pure.policy_figure(count=5))
        self._figures("Redaction: the labelled sentences are not there.", pure.redaction_figures)
        self._line(lambda: scoring.scoring_line(count=self.sizes.scored))
        self._keep(scoring.scoring_figures(each=self.sizes.scored // 10))
        self._figures("Scoring: others' calls are not there.", lambda: [scoring.others_figure()])
        self._figures("Spoken text: the labelled sentences are not there.", pure.spoken_figures)
        self._figures("Presidio: it is not installed beside us.", pure.presidio_figures)
        self._figures("Redaction of what is heard: a voice or the recogniser is missing.", heard.figures)
        self._figures("Transcription: the recogniser did not run.", lambda: hearing.figures(calls))

    def result(self, *, size: str) -> dict[str, Any]:
        """Everything, ready to be kept."""
        return results.result(self.lines, self.figures, size=size, missing=self.missing)

    def _step(self, name: str, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        done = work()
        self.say(f"  {name}: {time.perf_counter() - started:.1f} s")
        return done

    def _line(self, measure: Callable[[], Line]) -> None:
        line = measure()
        self.lines.append(line)
        self.say(results.line_of({**vars(line), "met": line.met}))

    def _figure(self, measure: Callable[[], Figure]) -> None:
        self._keep([measure()])

    def _figures(self, otherwise: str, measure: Callable[[], Sequence[Figure]]) -> None:
        try:
            self._keep(measure())
        except (FileNotFoundError, RuntimeError) as error:
            self.missing.append(otherwise)
            self.say(f"{otherwise} ({error})")

    def _keep(self, found: Sequence[Figure]) -> None:
        self.figures.extend(found)
        for figure in found:
            self.say(results.figure_of(vars(figure)))


def _count(table: str) -> int:
    return int(rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - a table of ours
