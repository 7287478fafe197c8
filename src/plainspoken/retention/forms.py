"""The form of a hold."""

from django import forms

from .models import Hold


class HoldForm(forms.Form):
    """Keep everything about one person: why, by which law, until when."""

    subject = forms.UUIDField(label="Person", help_text="The pseudonym, as a request or the ledger shows it.")
    reason = forms.ChoiceField(label="Reason", choices=Hold.Reason.choices)
    law = forms.CharField(
        label="Law or order", max_length=120, help_text="Such as the number of the case. Name nobody."
    )
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Without one it stays until you lift it.",
    )
