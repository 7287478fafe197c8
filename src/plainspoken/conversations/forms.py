"""What a reader types: filters of the list, and the reason for a reveal."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from .ports import Wanted
from .searching import Asked, built


class FilterForm(forms.Form):
    """Filters in the address. What cannot be read is left out, so that an old link still shows a list."""

    q = forms.CharField(required=False, max_length=500)
    queue = forms.CharField(required=False, max_length=60)
    agent = forms.UUIDField(required=False)
    kind = forms.ChoiceField(required=False, choices=[("call", "Calls"), ("chat", "Chats")])
    participant = forms.UUIDField(required=False)
    sort = forms.ChoiceField(
        required=False, choices=[("newest", "Newest first"), ("best", "Best match first")]
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)
    after = forms.CharField(required=False, max_length=80)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        # `from` is a word of the language, so these two fields cannot be attributes.
        self.fields["from"] = forms.DateField(required=False)
        self.fields["to"] = forms.DateField(required=False)

    def wanted(self, *, limit: int) -> Wanted:
        """The search; days are the reader's own, the last one included."""
        self.is_valid()
        values = self.cleaned_data
        since, until = _sane(values.get("from")), _sane(values.get("to"))
        return Wanted(
            q=values.get("q") or "",
            queue=values.get("queue") or "",
            agent=values.get("agent"),
            kind=values.get("kind") or "",
            since=_midnight(since) if since else None,
            until=_midnight(until + timedelta(days=1)) if until else None,
            participant=values.get("participant"),
            sort=values.get("sort") or "newest",
            limit=limit,
            offset=0 if values.get("after") else ((values.get("page") or 1) - 1) * limit,
            after=_place(values.get("after") or ""),
        )


def _place(text: str) -> tuple[datetime, UUID] | None:
    """Where a page begins: the moment and the id of the row before it."""
    at, _, key = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(key)) if moment.tzinfo else None
    except ValueError:
        return None


class BuilderForm(forms.Form):
    """The search for people who do not type the query language."""

    all_words = forms.CharField(required=False, max_length=200, label="All of these words")
    phrase = forms.CharField(required=False, max_length=200, label="These words in this order")
    near_first = forms.CharField(required=False, max_length=40, label="This word")
    near_second = forms.CharField(required=False, max_length=40, label="near this word")
    apart = forms.CharField(required=False, max_length=2, label="at most so many words apart")
    without = forms.CharField(required=False, max_length=200, label="None of these words")
    speaker = forms.ChoiceField(
        required=False,
        label="Said by",
        choices=[("", "Anybody"), ("customer", "The customer"), ("agent", "The agent")],
    )
    silence = forms.CharField(required=False, max_length=6, label="A silence longer than, in seconds")
    longer = forms.CharField(required=False, max_length=6, label="Longer than, in seconds")
    shorter = forms.CharField(required=False, max_length=6, label="Shorter than, in seconds")

    score_over = forms.CharField(required=False, max_length=6, label="Score over, in per cent")
    score_under = forms.CharField(required=False, max_length=6, label="Score under, in per cent")
    result = forms.ChoiceField(
        required=False, label="Result", choices=[("", "Any"), ("passed", "Passed"), ("failed", "Failed")]
    )
    question = forms.ChoiceField(required=False, label="This question")
    answer = forms.CharField(required=False, max_length=40, label="was answered")
    scored_by = forms.ChoiceField(
        required=False, label="Evaluated by", choices=[("", "People"), ("auto", "The automatic rules")]
    )
    EVALUATED = ("score_over", "score_under", "result", "question", "answer", "scored_by")

    def __init__(
        self, data: Mapping[str, Any], *, questions: Sequence[tuple[str, str]] | None = None
    ) -> None:
        """`questions` of the forms in use; None where the reader may not see evaluations, so that nothing asks."""
        super().__init__(data)
        if questions is None:
            for name in self.EVALUATED:
                del self.fields[name]
        else:
            self.fields["question"].choices = [("", "Any"), *questions]  # type: ignore[attr-defined]

    def query(self) -> str:
        """The query that says the same; empty where nothing was filled in."""
        self.is_valid()
        return built(Asked(**{name: self.cleaned_data.get(name) or "" for name in self.fields}))


def _sane(day: date | None) -> date | None:
    return day if day and 1970 <= day.year <= 2200 else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class RevealForm(forms.Form):
    """Why somebody must see what was removed."""

    purpose = forms.ChoiceField(error_messages={"required": "Choose what you need it for."})
    reason = forms.CharField(
        min_length=10,
        max_length=500,
        error_messages={
            "required": "Say in one sentence why you need it now.",
            "min_length": "Say it in a whole sentence, so that the customer understands it.",
        },
    )

    def __init__(self, data: Mapping[str, Any], *, purposes: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = purposes
        field.error_messages["invalid_choice"] = "Your role may not read for this. Choose another purpose."
