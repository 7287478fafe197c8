"""What a reader types: filters of the list, and the reason for a reveal."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from .ports import Wanted


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
            offset=((values.get("page") or 1) - 1) * limit,
        )


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
