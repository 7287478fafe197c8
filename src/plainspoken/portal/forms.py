"""The form of a request: exactly the fields of the collection point `privacy.request`."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from plainspoken.kernels.policy import CollectionPoint
from plainspoken.rights.kinds import GROUND_TITLES, Kind

from .wording import HELP, LABELS, PLACES, asking

POINT = "privacy.request"
LONGEST = 4000


class RequestForm(forms.Form):
    """Made for one kind of request and one point; fields that the point does not take are not there."""

    def __init__(
        self, *args: Any, point: CollectionPoint, kind: Kind, law: str, needs_code: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.needs_code = needs_code
        for name, item in point.fields.items():
            make = FIELDS.get(name)
            field = make(kind, law) if make else forms.CharField(label=name.capitalize(), max_length=200)
            if field is not None:
                field.required = item.required or field.required
                self.fields[name] = field
        if "email" in self.fields:
            # Somebody who cannot be reached cannot prove who they are.
            self.fields["email"].required = self.fields["email"].required or needs_code
            self.fields["email"].help_text = HELP["email" if needs_code else "answer"]


def _kind(kind: Kind, law: str) -> forms.Field:
    return forms.ChoiceField(choices=[(kind.kind, kind.title)], initial=kind.kind, widget=forms.HiddenInput)


def _name(kind: Kind, law: str) -> forms.Field:
    return forms.CharField(label=LABELS["name"], help_text=HELP["name"], max_length=200, required=False)


def _email(kind: Kind, law: str) -> forms.Field:
    return forms.EmailField(
        label=LABELS["email"],
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": "Write it as name@place.example.",
            "required": "Write an address to which we can send a code.",
        },
    )


def _phone(kind: Kind, law: str) -> forms.Field:
    return forms.CharField(
        label=LABELS["phone"],
        help_text=HELP["phone"],
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


def _details(kind: Kind, law: str) -> forms.Field:
    label = asking(kind.kind, kind.title).details
    return forms.CharField(
        label=label, max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


def _law(kind: Kind, law: str) -> forms.Field:
    return forms.ChoiceField(
        label="Where do you live?",
        help_text="The law there sets your rights and our time to answer.",
        choices=_places(kind.laws),
        initial=law if law in kind.laws else kind.laws[0],
        error_messages={"invalid_choice": "Choose one of these places.", "required": "Choose a place."},
    )


def _ground(kind: Kind, law: str) -> forms.Field | None:
    if not kind.grounds:
        return None
    return forms.ChoiceField(
        label="Why should we stop?",
        choices=[(ground, GROUND_TITLES.get(ground, ground)) for ground in kind.grounds],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason.", "invalid_choice": "Choose one of these reasons."},
    )


def _places(laws: Sequence[str]) -> list[tuple[str, str]]:
    return [(law, PLACES.get(law, law)) for law in laws]


FIELDS: dict[str, Callable[[Kind, str], forms.Field | None]] = {
    "kind": _kind,
    "name": _name,
    "email": _email,
    "phone": _phone,
    "details": _details,
    "law": _law,
    "ground": _ground,
}


class CodeForm(forms.Form):
    """The code of a mail, as long as `rights.verify` says."""

    def __init__(self, *args: Any, digits: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = {"inputmode": "numeric", "autocomplete": "one-time-code", "autocapitalize": "off"}
        self.fields["code"] = forms.CharField(
            label="Code",
            help_text=f"{digits} digits.",
            max_length=40,
            widget=forms.TextInput(attrs=attributes),
            error_messages={"required": "Write the code of our e-mail."},
        )
        self.digits = digits

    def clean_code(self) -> str:
        """Digits only; blanks and hyphens do not matter."""
        code = "".join(character for character in self.cleaned_data["code"] if character.isdigit())
        if len(code) != self.digits:
            raise forms.ValidationError(f"The code has {self.digits} digits.")
        return code
