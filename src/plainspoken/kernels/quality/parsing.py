"""Reading a form from JSON. Every error says where it is, what is wrong, and what to do."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .form import Band, Channel, Condition, Counting, Error, Form, Kind, Option, Question, Section, Terms

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
MOST_SECTIONS, MOST_QUESTIONS, MOST_OPTIONS, MOST_BANDS = 20, 60, 12, 10
LONGEST_TITLE, LONGEST_TEXT = 120, 400
MOST_POINTS, MOST_DAYS, WIDEST_SCALE = 1000, 365, 10


@dataclass(frozen=True)
class FormError:
    """One mistake. `path` leads to it ("sections.0.questions.2.points"); `wrong` and `do` are sentences."""

    path: str
    wrong: str
    do: str

    def __str__(self) -> str:
        return f"{self.path or 'form'}: {self.wrong} {self.do}"


class FormErrors(ValueError):
    """A form that cannot be used; `errors` has every mistake, in order."""

    def __init__(self, errors: Sequence[FormError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


def parse(source: str | Mapping[str, Any]) -> Form:
    """A form from JSON text or from what it holds. Raises FormErrors with every mistake at once."""
    if isinstance(source, str):
        try:
            source = json.loads(source)
        except (ValueError, RecursionError) as error:
            where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise FormErrors([FormError(where, "This is not JSON.", "Write one JSON object.")]) from error
    reader = _Reader()
    form = reader.form(source)
    if reader.errors or form is None:
        raise FormErrors(reader.errors)
    return form


class _Reader:
    """Reads part by part and notes what is wrong; a part with a mistake gets a harmless value."""

    def __init__(self) -> None:
        self.errors: list[FormError] = []
        self.seen: dict[str, Question] = {}

    def note(self, path: str, wrong: str, do: str) -> None:
        self.errors.append(FormError(path, wrong, do))

    # ---- parts ----

    def form(self, data: Any) -> Form | None:
        if not isinstance(data, Mapping):
            self.note("", "A form is an object.", "Write { and } around it.")
            return None
        self.only(data, "", _FORM)
        counting = self.one_of(data, "counting", "", Counting, Counting.PERCENT)
        sections = self.each(data, "sections", "", self.section, least=1, most=MOST_SECTIONS)
        form = Form(
            title=self.text(data, "title", "", LONGEST_TITLE, required=True),
            description=self.text(data, "description", "", LONGEST_TEXT),
            counting=counting,
            channels=self.channels(data),
            sections=tuple(sections),
            pass_at=self.number(data, "pass_at", "", most=100, default=None),
            bands=self.bands(data),
            terms=self.terms(data),
        )
        self.whole(form)
        return form

    def channels(self, data: Mapping[str, Any]) -> tuple[Channel, ...]:
        given = data.get("channels", [channel.value for channel in Channel])
        if not isinstance(given, list) or not given or any(one not in list(Channel) for one in given):
            self.note("channels", "These are not channels.", f"Choose from {', '.join(Channel)}.")
            return tuple(Channel)
        return tuple(channel for channel in Channel if channel in given)

    def bands(self, data: Mapping[str, Any]) -> tuple[Band, ...]:
        found = self.each(data, "bands", "", self.band, least=0, most=MOST_BANDS)
        starts = [band.least for band in found]
        if len(set(starts)) != len(starts):
            self.note("bands", "Two bands begin at the same percent.", "Let each begin at its own.")
        return tuple(sorted(found, key=lambda band: band.least))

    def band(self, data: Mapping[str, Any], path: str) -> Band:
        self.only(data, path, ("from", "title"))
        least = self.number(data, "from", path, most=100, default=Fraction(0), required=True)
        return Band(least or Fraction(0), self.text(data, "title", path, LONGEST_TITLE, required=True))

    def terms(self, data: Mapping[str, Any]) -> Terms:
        given, usual = data.get("terms", {}), Terms()
        if not isinstance(given, Mapping):
            self.note("terms", "The terms are an object.", "Write days by name.")
            return usual
        self.only(given, "terms", ("dispute_days", "decide_days", "appeal_days"))
        return Terms(
            *(
                self.whole_number(given, name, "terms", 1, MOST_DAYS, getattr(usual, name))
                for name in ("dispute_days", "decide_days", "appeal_days")
            )
        )

    def section(self, data: Mapping[str, Any], path: str) -> Section:
        self.only(data, path, ("id", "title", "weight", "questions"))
        return Section(
            id=self.identifier(data, path),
            title=self.text(data, "title", path, LONGEST_TITLE, required=True),
            weight=self.number(data, "weight", path, most=MOST_POINTS, default=Fraction(1)) or Fraction(0),
            questions=tuple(self.each(data, "questions", path, self.question, least=1, most=MOST_QUESTIONS)),
        )

    def question(self, data: Mapping[str, Any], path: str) -> Question:
        self.only(data, path, _QUESTION)
        kind = self.one_of(data, "kind", path, Kind, Kind.YES_NO, required=True)
        self.fits(data, path, kind)
        least, most = self.scale(data, path, kind)
        question = Question(
            id=self.identifier(data, path),
            text=self.text(data, "text", path, LONGEST_TEXT, required=True),
            help=self.text(data, "help", path, LONGEST_TEXT),
            kind=kind,
            points=self.number(data, "points", path, most=MOST_POINTS, default=Fraction(0)) or Fraction(0),
            required=self.truth(data, "required", path, True),
            may_not_apply=self.truth(data, "may_not_apply", path, False),
            right=self.right(data, path),
            least=least,
            most=most,
            fails_at=self.fails_at(data, path, least, most),
            options=self.options(data, path, kind),
            error=self.one_of(data, "error", path, Error, None),
            shown_when=self.condition(data, path),
        )
        self.can_err(question, path)
        if question.id in self.seen:
            self.note(f"{path}.id", f"There are two questions {question.id}.", "Give each an id of its own.")
        self.seen[question.id] = question
        return question

    def right(self, data: Mapping[str, Any], path: str) -> str:
        given = data.get("right", "yes")
        if given not in ("yes", "no"):
            self.note(f"{path}.right", "The right answer is neither.", "Write yes or no.")
            return "yes"
        return str(given)

    def scale(self, data: Mapping[str, Any], path: str, kind: Kind) -> tuple[int, int]:
        least = self.whole_number(data, "least", path, 0, 100, 1)
        most = self.whole_number(data, "most", path, 1, 100, 5)
        if kind == Kind.SCALE and not 0 < most - least <= WIDEST_SCALE:
            self.note(
                f"{path}.most", f"A scale from {least} to {most} cannot be used.",
                f"Let it end above its start, at most {WIDEST_SCALE} steps on.",
            )  # fmt: skip
            return 1, 5
        return least, most

    def fails_at(self, data: Mapping[str, Any], path: str, least: int, most: int) -> int | None:
        if data.get("fails_at") is None:
            return None
        return self.whole_number(data, "fails_at", path, least, most - 1, least)

    def options(self, data: Mapping[str, Any], path: str, kind: Kind) -> tuple[Option, ...]:
        if kind != Kind.CHOICE:
            return ()
        found = self.each(data, "options", path, self.option, least=2, most=MOST_OPTIONS)
        values = [option.value for option in found]
        for place, value in enumerate(values):
            if value in values[:place]:
                self.note(
                    f"{path}.options.{place}.value", f"There are two options {value}.", "Make them differ."
                )
        return tuple(found)

    def option(self, data: Mapping[str, Any], path: str) -> Option:
        self.only(data, path, ("value", "title", "points", "fails"))
        return Option(
            value=self.identifier(data, path, "value"),
            title=self.text(data, "title", path, LONGEST_TITLE, required=True),
            points=self.number(data, "points", path, most=MOST_POINTS, default=Fraction(0)) or Fraction(0),
            fails=self.truth(data, "fails", path, False),
        )

    def condition(self, data: Mapping[str, Any], path: str) -> Condition | None:
        given, where = data.get("shown_when"), f"{path}.shown_when"
        if given is None:
            return None
        if not isinstance(given, Mapping) or not isinstance(given.get("is"), list):
            self.note(where, "This is no condition.", 'Write {"question": id, "is": [answers]}.')
            return None
        self.only(given, where, ("question", "is"))
        asked = self.seen.get(str(given.get("question")))
        if asked is None:
            self.note(f"{where}.question", "No earlier question has this id.", "Name one that comes before.")
            return None
        values = tuple(str(value) for value in given["is"])
        if not values or any(value not in asked.values for value in values):
            known = ", ".join(asked.values) or "nothing: a text cannot be waited for"
            self.note(f"{where}.is", "These are not answers of that question.", f"It takes {known}.")
        return Condition(asked.id, values)

    def fits(self, data: Mapping[str, Any], path: str, kind: Kind) -> None:
        """A field of another kind of question would be ignored, so it is refused."""
        for name, kinds in _BELONGS.items():
            if data.get(name) not in (None, [], False) and kind not in kinds:
                self.note(
                    f"{path}.{name}", f"A {kind} question has no {name}.", f"Leave it out, or make it {kinds[0]}."
                )  # fmt: skip

    def can_err(self, question: Question, path: str) -> None:
        if question.error is None:
            if question.fails_at is not None or any(option.fails for option in question.options):
                self.note(f"{path}.error", "An answer fails, but at nothing.", "Say which error it is.")
        elif question.kind == Kind.SCALE and question.fails_at is None:
            self.note(f"{path}.fails_at", "No answer is the error.", "Say up to which step it fails.")
        elif question.kind == Kind.CHOICE and not any(option.fails for option in question.options):
            self.note(f"{path}.options", "No answer is the error.", "Mark the option that fails.")

    def whole(self, form: Form) -> None:
        if len(list(form.questions)) > MOST_QUESTIONS:
            self.note("sections", f"There are more than {MOST_QUESTIONS} questions.", "Make two forms of it.")
        names = [section.id for section in form.sections]
        for place, name in enumerate(names):
            if name in names[:place]:
                self.note(f"sections.{place}.id", f"There are two sections {name}.", "Make their ids differ.")
        if form.sections and form.counting == Counting.PERCENT and not any(s.weight for s in form.sections):
            self.note("sections.0.weight", "No section has a weight.", "Give one more than 0.")
        if form.sections and not any(q.possible or q.error for q in form.questions):
            self.note(
                "sections.0.questions.0.points", "Nothing counts.", "Give a question points or an error."
            )

    # ---- values ----

    def each(
        self,
        data: Mapping[str, Any],
        name: str,
        path: str,
        read: Callable[[Mapping[str, Any], str], Any],
        *,
        least: int,
        most: int,
    ) -> list[Any]:
        where, given = _at(path, name), data.get(name, [])
        if not isinstance(given, list):
            self.note(where, f"The {name} are a list.", "Write [ and ] around them.")
            return []
        if not least <= len(given) <= most:
            self.note(where, f"There are {len(given)} {name}.", f"Have {least} to {most} of them.")
        found = []
        for place, one in enumerate(given[:most]):
            if isinstance(one, Mapping):
                found.append(read(one, f"{where}.{place}"))
            else:
                self.note(f"{where}.{place}", "This is no object.", "Write { and } around it.")
        return found

    def only(self, data: Mapping[str, Any], path: str, known: Sequence[str]) -> None:
        for name in data:
            if name not in known:
                self.note(_at(path, str(name)), "This is not known here.", f"Use {', '.join(known)}.")

    def text(
        self, data: Mapping[str, Any], name: str, path: str, longest: int, *, required: bool = False
    ) -> str:
        given = data.get(name, "")
        if not isinstance(given, str) or "\0" in given:
            self.note(_at(path, name), "This is no text.", "Write it in quotes.")
            return ""
        if required and not given.strip():
            self.note(_at(path, name), f"The {name} is missing.", "Write one.")
        if len(given) > longest:
            self.note(_at(path, name), f"It has {len(given)} characters.", f"Use {longest} at most.")
        return given.strip()[:longest]

    def identifier(self, data: Mapping[str, Any], path: str, name: str = "id") -> str:
        given = data.get(name)
        if not isinstance(given, str) or not IDENTIFIER.match(given):
            self.note(
                _at(path, name), f"This is no {name}.", "Use small letters, digits and hyphens, at most 40."
            )
            return ""
        return given

    def number(
        self,
        data: Mapping[str, Any],
        name: str,
        path: str,
        *,
        most: int,
        default: Fraction | None,
        required: bool = False,
    ) -> Fraction | None:
        given = data.get(name)
        if given is None and not required:
            return default
        good = isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= most
        if not good:
            self.note(_at(path, name), "This number cannot be used.", f"Write one from 0 to {most}.")
            return default
        return Fraction(str(given))

    def whole_number(
        self, data: Mapping[str, Any], name: str, path: str, least: int, most: int, default: int
    ) -> int:
        given = data.get(name, default)
        if given is None:
            return default
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            self.note(
                _at(path, name), "This number cannot be used.", f"Write a whole one from {least} to {most}."
            )
            return default
        return given

    def truth(self, data: Mapping[str, Any], name: str, path: str, default: bool) -> bool:
        given = data.get(name, default)
        if not isinstance(given, bool):
            self.note(_at(path, name), "This is neither true nor false.", "Write true or false.")
            return default
        return given

    def one_of(
        self,
        data: Mapping[str, Any],
        name: str,
        path: str,
        kinds: Any,
        default: Any,
        *,
        required: bool = False,
    ) -> Any:
        given = data.get(name)
        if given is None and not required:
            return default
        if not isinstance(given, str) or given not in [one.value for one in kinds]:
            known = ", ".join(one.value for one in kinds)
            self.note(_at(path, name), f"This {name} is not known.", f"Choose from {known}.")
            return default
        return kinds(given)


_FORM = ("title", "description", "counting", "channels", "pass_at", "bands", "terms", "sections")
_QUESTION = ("id", "text", "help", "kind", "points", "required", "may_not_apply", "right", "least", "most",
             "fails_at", "options", "error", "shown_when")  # fmt: skip
_BELONGS: dict[str, tuple[Kind, ...]] = {
    "options": (Kind.CHOICE,),
    "fails_at": (Kind.SCALE,),
    "least": (Kind.SCALE,),
    "most": (Kind.SCALE,),
    "right": (Kind.YES_NO,),
    "points": (Kind.YES_NO, Kind.SCALE),
    "error": (Kind.YES_NO, Kind.SCALE, Kind.CHOICE),
}


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
