"""What people send about reports and their mails. A report is built of choices; two fields are typed."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms

from plainspoken.conversations.models import Conversation
from plainspoken.kernels.reporting import Every, Unit
from plainspoken.ui.wording import purpose_short

from . import wording
from .definitions import EVALUATING, Columns, Dated, Definition, MadeBy, Measure, QueueSet, Rows
from .queries import FormOffered
from .services.saving import LONGEST_NAME

LONGEST_SETS = 4000
EVERY = (
    (Every.DAY.value, "Each day"),
    (Every.WEEK.value, "Each Monday"),
    (Every.MONTH.value, "Each first of a month"),
)
HOURS = [(str(hour), f"{hour:02}:00") for hour in range(24)]


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(one.value, text) for one, text in words.items()]


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write the day as 2026-11-24."},
    )


class ReportForm(forms.Form):
    """A report: what is counted, of which evaluations, for which days."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, error_messages={"required": "Give the report a short name."}
    )
    shared = forms.BooleanField(label="Other readers of reports may run it", required=False, initial=True)
    measure = forms.ChoiceField(label="What is counted", choices=_choices(wording.MEASURES))
    rows = forms.ChoiceField(label="Rows", choices=_choices(wording.ROWS))
    columns = forms.ChoiceField(label="Side by side", choices=_choices(wording.COLUMNS), required=False)
    made_by = forms.ChoiceField(
        label="Evaluations by",
        choices=_choices(wording.MADE_BY),
        help_text="People and programs are never one number.",
    )
    form = forms.ChoiceField(label="Form", required=False)
    version = forms.IntegerField(label="Version", required=False, min_value=1)
    question = forms.ChoiceField(label="Question", required=False)
    queues = forms.MultipleChoiceField(
        label="Only these queues",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None means all.",
    )
    sets = forms.CharField(
        label="Sets of queues",
        required=False,
        max_length=LONGEST_SETS,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line: a name, a colon, its queues with commas. They are counted as one.",
    )
    kinds = forms.MultipleChoiceField(
        label="Kinds",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(value, f"{label}s") for value, label in Conversation.Kind.choices],
        help_text="None means all.",
    )
    last = forms.IntegerField(label="The last", min_value=1, max_value=400)
    unit = forms.ChoiceField(
        label="Unit", choices=[(one.value, f"{text}s") for one, text in wording.UNITS.items()]
    )
    first = _day("Or from")
    last_day = _day("To")
    every = forms.ChoiceField(
        label="Count by", choices=[(one.value, text.capitalize()) for one, text in wording.UNITS.items()]
    )
    dated = forms.ChoiceField(label="Dated by", choices=_choices(wording.DATED))
    purpose = forms.ChoiceField(label="To")
    pseudonyms = forms.BooleanField(label="Call people by pseudonyms at first", required=False, initial=True)

    def __init__(
        self,
        *args: Any,
        offered: Sequence[FormOffered] = (),
        queues: Iterable[str] = (),
        purposes: Iterable[str] = (EVALUATING,),
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        questions = {key: f"{text} ({form.title})" for form in offered for key, text in form.questions}
        choices = {
            "form": [("", "All forms"), *((str(form.id), form.title) for form in offered)],
            "question": [("", "All questions"), *questions.items()],
            "queues": [(name, name) for name in queues],
            "purpose": [(name, purpose_short(name, name)) for name in purposes],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]

    def clean_sets(self) -> tuple[QueueSet, ...]:
        """The lines as sets. Whether they go together is the definition's to say."""
        found = []
        for line in self.cleaned_data["sets"].splitlines():
            if line.strip():
                name, _, queues = line.partition(":")
                names = (" ".join(one.split()) for one in queues.split(","))
                found.append(QueueSet(" ".join(name.split())[:60], tuple(one[:60] for one in names if one)))
        return tuple(found)

    def definition(self) -> Definition:
        """The report as the services take it."""
        given = self.cleaned_data
        return Definition(
            measure=Measure(given["measure"]),
            rows=Rows(given["rows"]),
            columns=Columns(given["columns"]),
            every=Unit(given["every"]),
            made_by=MadeBy(given["made_by"]),
            dated=Dated(given["dated"]),
            purpose=given["purpose"],
            form=UUID(given["form"]) if given["form"] else None,
            version=given["version"],
            question=given["question"],
            kinds=tuple(given["kinds"]),
            queues=tuple(given["queues"]),
            sets=given["sets"],
            last=given["last"],
            unit=Unit(given["unit"]),
            first=given["first"],
            last_day=given["last_day"],
            pseudonyms=given["pseudonyms"],
        )


def initial_of(definition: Definition, *, name: str = "", shared: bool = True) -> dict[str, Any]:
    """What the form shows of a definition."""
    return {
        "name": name,
        "shared": shared,
        **{
            key: getattr(definition, key).value
            for key in ("measure", "rows", "columns", "every", "made_by", "dated", "unit")
        },
        "purpose": definition.purpose,
        "form": str(definition.form or ""),
        "version": definition.version,
        "question": definition.question,
        "kinds": list(definition.kinds),
        "queues": list(definition.queues),
        "sets": "\n".join(f"{one.name}: {', '.join(one.queues)}" for one in definition.sets),
        "last": definition.last,
        "first": definition.first,
        "last_day": definition.last_day,
        "pseudonyms": definition.pseudonyms,
    }


class SubscriptionForm(forms.Form):
    """Who gets a report by mail, and when."""

    member = forms.ChoiceField(label="Who")
    every = forms.ChoiceField(label="How often", choices=EVERY, initial=Every.WEEK.value)
    hour = forms.TypedChoiceField(label="At, in their zone", choices=HOURS, coerce=int, initial="8")

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["member"].choices = list(people)  # type: ignore[attr-defined]
