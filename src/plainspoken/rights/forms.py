"""Forms of the desk."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from .claims import LONGEST, Claim
from .kinds import GROUND_TITLES, LAW_TITLES, Kind

BY_HAND = (("letter", "By letter"), ("email", "By e-mail"), ("phone", "By telephone"), ("visit", "In person"))


class FileForm(forms.Form):
    """A request that came by letter, e-mail, telephone or in person. The clock starts on the day it reached
    us.
    """

    kind = forms.ChoiceField(label="What they ask")
    law = forms.ChoiceField(label="Under which law")
    ground = forms.ChoiceField(
        label="On which ground", required=False, help_text="Only for a suspension of use."
    )
    channel = forms.ChoiceField(label="How it came", choices=BY_HAND)
    received_on = forms.DateField(label="Day of receipt", widget=forms.DateInput(attrs={"type": "date"}))
    name = forms.CharField(label="Name", max_length=LONGEST["name"], required=False)
    email = forms.EmailField(
        label="E-mail address", max_length=LONGEST["email"], required=False, help_text="The code goes there."
    )
    phone = forms.CharField(label="Telephone", max_length=LONGEST["phone"], required=False)
    details = forms.CharField(
        label="What they wrote", max_length=LONGEST["details"], required=False, widget=forms.Textarea
    )

    def __init__(self, *args: Any, kinds: list[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        laws = dict.fromkeys(law for kind in kinds for law in kind.laws)
        grounds = dict.fromkeys(ground for kind in kinds for ground in kind.grounds)
        choices = {
            "kind": [(kind.kind, kind.title) for kind in sorted(kinds, key=lambda one: not one.executed)],
            "law": [(law, LAW_TITLES.get(law, law)) for law in laws],
            "ground": [("", "None"), *((ground, GROUND_TITLES.get(ground, ground)) for ground in grounds)],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.fields["received_on"].initial = timezone.localdate

    @property
    def claim(self) -> Claim:
        """What the person says of themselves."""
        return Claim(**{name: self.cleaned_data.get(name, "") for name in LONGEST})

    @property
    def received_at(self) -> datetime | None:
        """The start of the day of receipt in the reader's zone; None for today, which means now."""
        day = self.cleaned_data["received_on"]
        if day == timezone.localdate():
            return None
        return datetime.combine(day, time(0), tzinfo=timezone.get_current_timezone()).astimezone(UTC)


class OwnForm(forms.Form):
    """A request of a colleague about themselves."""

    law = forms.ChoiceField(label="Under which law")
    ground = forms.ChoiceField(label="On which ground")
    details = forms.CharField(
        label="What we should know", max_length=LONGEST["details"], required=False, widget=forms.Textarea
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["law"].choices = [(law, LAW_TITLES.get(law, law)) for law in kind.laws]  # type: ignore[attr-defined]
        if kind.grounds:
            titles = [(ground, GROUND_TITLES.get(ground, ground)) for ground in kind.grounds]
            self.fields["ground"].choices = titles  # type: ignore[attr-defined]
        else:
            del self.fields["ground"]
