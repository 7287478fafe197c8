"""What people send about plans, words and calibration. Forms for evaluations are kernels.quality's own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from plainspoken.conversations.models import Conversation

from .services.planning import MOST_DAYS, MOST_DUE, MOST_EACH, Terms
from .words import LONGEST

Offered = Sequence[tuple[str, str]]


class WordsForm(forms.Form):
    """Why somebody disagrees, or why it was decided so."""

    reason = forms.CharField(
        label="Why?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write at least a sentence."},
    )


class RulesForm(forms.Form):
    """Rules of automatic evaluations, as JSON."""

    source = forms.CharField(
        label="Rules (JSON)",
        max_length=500_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        error_messages={"required": "Write the rules."},
    )


class RemarkForm(forms.Form):
    """A remark at a second."""

    text = forms.CharField(max_length=LONGEST, error_messages={"required": "Write at least a word."})
    at_s = forms.FloatField(required=False, min_value=0, max_value=86400)


class PlanForm(forms.Form):
    """What a plan says."""

    form = forms.ChoiceField(label="Form")
    per_agent = forms.IntegerField(
        label="Conversations of each agent", min_value=1, max_value=MOST_EACH, initial=3
    )
    days = forms.IntegerField(label="From the last days", min_value=1, max_value=MOST_DAYS, initial=30)
    kinds = forms.MultipleChoiceField(
        label="Kinds",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=Conversation.Kind.choices,
        help_text="None means all.",
    )
    queues = forms.MultipleChoiceField(
        label="Queues", required=False, widget=forms.CheckboxSelectMultiple, help_text="None means all."
    )
    search = forms.ChoiceField(
        label="Among what a search finds",
        required=False,
        help_text="A search that you kept in the list of conversations. If it is removed, the plan stops.",
    )
    evaluators = forms.MultipleChoiceField(
        label="Who evaluates",
        widget=forms.CheckboxSelectMultiple,
        help_text="In turn. Nobody gets their own conversations.",
        error_messages={"required": "Choose somebody."},
    )
    due_days = forms.IntegerField(label="Days to evaluate", min_value=1, max_value=MOST_DUE, initial=7)
    approval = forms.BooleanField(
        label="Somebody else approves each before the agent sees it", required=False
    )
    # A number, so that nobody is named in it: it stands in clear for as long as the plan does.
    seed = forms.IntegerField(
        label="Seed",
        required=False,
        min_value=0,
        max_value=999_999_999,
        help_text="The same seed chooses the same conversations. Leave it empty for a new one.",
    )

    def __init__(
        self,
        *args: Any,
        forms_offered: Offered = (),
        queues: Offered = (),
        people: Offered = (),
        searches: Offered = (),
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        found = [("", "All conversations"), *searches]
        for name, offered in (
            ("form", forms_offered), ("queues", queues), ("evaluators", people), ("search", found),
        ):  # fmt: skip
            self.fields[name].choices = list(offered)  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        """The plan as the service takes it."""
        given = self.cleaned_data
        seed = {"seed": str(given["seed"])} if given["seed"] is not None else {}
        return Terms(
            form=UUID(given["form"]),
            per_agent=given["per_agent"],
            days=given["days"],
            due_days=given["due_days"],
            evaluators=tuple(UUID(one) for one in given["evaluators"]),
            kinds=tuple(given["kinds"]),
            queues=tuple(given["queues"]),
            search=UUID(given["search"]) if given["search"] else None,
            approval=given["approval"],
            **seed,
        )


class BeginForm(forms.Form):
    """Which form, and which agent of the conversation."""

    form = forms.ChoiceField(label="Form")
    agent = forms.ChoiceField(label="Agent")

    def __init__(self, *args: Any, forms_offered: Offered = (), agents: Offered = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["form"].choices = list(forms_offered)  # type: ignore[attr-defined]
        self.fields["agent"].choices = list(agents)  # type: ignore[attr-defined]


class SessionForm(forms.Form):
    """A calibration session."""

    form = forms.ChoiceField(label="Form")
    invited = forms.MultipleChoiceField(
        label="Who answers beside you",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Invite somebody."},
    )
    days = forms.IntegerField(label="Days to answer", min_value=1, max_value=90, initial=7)

    def __init__(self, *args: Any, forms_offered: Offered = (), people: Offered = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["form"].choices = list(forms_offered)  # type: ignore[attr-defined]
        self.fields["invited"].choices = list(people)  # type: ignore[attr-defined]
