"""What people send about goals, sessions, notes, clips and thanks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from .services.goals import Terms
from .words import LONGEST

Offered = Sequence[tuple[str, Any]]


def _words(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write at least a word."},
        **more,
    )


class GoalForm(forms.Form):
    """A goal to propose. `about` is form, question and whose answers count, joined by "/"."""

    about = forms.ChoiceField(label="Question", error_messages={"required": "Choose a question."})
    target = forms.IntegerField(label="Target, percent of the points", min_value=1, max_value=100, initial=80)
    starts_on = forms.DateField(
        label="Starts on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    due_on = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    text = _words("Why, and how", required=False)

    def __init__(self, *args: Any, questions: Offered = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = questions  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        """What was asked for; only of a valid form."""
        form, question, made_by = self.cleaned_data["about"].split("/")
        return Terms(
            form=UUID(form),
            question=question,
            made_by=made_by,
            target=self.cleaned_data["target"],
            starts_on=self.cleaned_data["starts_on"],
            due_on=self.cleaned_data["due_on"],
            text=self.cleaned_data["text"],
        )


class SessionForm(forms.Form):
    """When a session is."""

    at = forms.DateTimeField(
        label="When",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"required": "Choose a day and a time.", "invalid": "Choose a day and a time."},
    )


class NoteForm(forms.Form):
    """A note of a session."""

    text = _words("Note")
    own = forms.BooleanField(label="Only I read this", required=False)


class ExcerptForm(forms.Form):
    """A stretch of a conversation for the agenda. `what` is conversation, start and end, joined by "/"."""

    what = forms.ChoiceField(label="Call", error_messages={"required": "Choose a call."})
    text = _words("What to listen for")

    def __init__(self, *args: Any, stretches: Offered = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = stretches  # type: ignore[attr-defined]


class OfferForm(forms.Form):
    """A clip for the library."""

    clip = forms.ChoiceField(label="Clip", error_messages={"required": "Choose a clip."})
    text = _words("What colleagues can learn from it")

    def __init__(self, *args: Any, clips: Offered = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clip"].choices = clips  # type: ignore[attr-defined]


class ThanksForm(forms.Form):
    """Thanks. `about` is empty, "goal/id" or "conversation/id"."""

    text = _words("Thanks")
    about = forms.RegexField(r"^(|(goal|conversation)/[0-9a-f-]{36})$", required=False)
