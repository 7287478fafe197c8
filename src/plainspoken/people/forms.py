"""Forms about members. The fields are those of the collection point `staff.account` that an administrator
fills.
"""

from collections.abc import Iterable
from typing import Any

from django import forms

from .models import Membership
from .services import LONGEST_TEAM

ROLE_WORDS = (
    (Membership.Role.AGENT, "Agent: their own conversations and requests"),
    (Membership.Role.SUPERVISOR, "Supervisor: conversations, measures, promises"),
    (Membership.Role.ANALYST, "Quality analyst: evaluations, calibration, reports"),
    (Membership.Role.PRIVACY_OFFICER, "Privacy officer: requests, promises, data map, ledger"),
    (Membership.Role.ADMINISTRATOR, "Administrator: people, health, settings"),
)


def _role() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Role",
        choices=ROLE_WORDS,
        widget=forms.RadioSelect,
        help_text="The role decides the purposes that a person may read for.",
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the roles."},
    )


class NewMember(forms.Form):
    """Somebody who is to become a member."""

    name = forms.CharField(label="Name", max_length=200, error_messages={"required": "Write the name."})
    email = forms.EmailField(
        label="E-mail",
        help_text="They sign in with it.",
        error_messages={"required": "Write the address.", "invalid": "Write it as name@place.example."},
    )
    role = _role()


class ChangedRole(forms.Form):
    """The role of a member."""

    role = _role()


class TeamsForm(forms.Form):
    """The team of each member: one field a person, named by their membership."""

    def __init__(self, *args: Any, people: Iterable[Membership] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        for one in people:
            attrs = {"list": "teams", "autocomplete": "off"}
            self.fields[f"team-{one.id}"] = forms.CharField(
                label=one.account.name,
                required=False,
                max_length=LONGEST_TEAM,
                initial=one.team,
                widget=forms.TextInput(attrs=attrs),
            )


class NewToken(forms.Form):
    """An API token about to be issued."""

    token_name = forms.CharField(
        label="What is the token for?", max_length=60, error_messages={"required": "Say what it is for."}
    )
