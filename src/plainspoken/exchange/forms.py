"""Forms of administrators: a source, call records, a rule of what is kept."""

from django import forms

from plainspoken.conversations.models import Conversation

from . import sources
from .models import KeepingRule


class FolderForm(forms.Form):
    """A folder that is watched."""

    title = forms.CharField(
        label="Name", max_length=80, help_text="Such as Recorder of the Frankfurt office."
    )
    place = forms.CharField(label="Folder", max_length=400, help_text="Its whole path on this server.")
    settled_s = forms.IntegerField(
        label="Seconds until a file is whole",
        initial=sources.SETTLED_S,
        min_value=0,
        max_value=3600,
        help_text="A file that has not changed for so long is taken.",
    )
    keep_days = forms.IntegerField(
        label="Days that taken files stay",
        initial=sources.KEEP_DAYS,
        min_value=0,
        max_value=90,
        help_text="They lie in the folder done, where no erasure reaches them. 0 deletes them at once.",
    )


class BucketForm(forms.Form):
    """A bucket of objects that is looked into."""

    title = forms.CharField(label="Name", max_length=80)
    place = forms.CharField(
        label="Bucket", max_length=400, help_text="With what its objects begin with, such as calls/day."
    )
    endpoint = forms.CharField(
        label="Address",
        max_length=220,
        required=False,
        help_text="Empty for Amazon. Such as https://s3.example.org.",
    )
    region = forms.CharField(label="Region", max_length=40, required=False)
    key = forms.CharField(label="Key", max_length=128, required=False)
    secret = forms.CharField(
        label="Secret",
        max_length=256,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Sealed at once, and never shown again.",
    )


class CallsForm(forms.Form):
    """Call records of the telephone system as a table."""

    table = forms.FileField(
        label="Table",
        help_text="A CSV with call_id, started_at and duration; direction and queue where known. Nothing else is taken.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )


class RuleForm(forms.Form):
    """A rule of what is kept."""

    title = forms.CharField(label="Name", max_length=80, help_text="Such as Complaints stay.")
    act = forms.ChoiceField(label="It does", choices=KeepingRule.Act.choices)
    queues = forms.CharField(
        label="Queues", max_length=300, required=False, help_text="Set apart by commas. Empty: all."
    )
    words = forms.CharField(
        label="Words that were said",
        max_length=300,
        required=False,
        help_text="Such as complaint, complain. Empty: any.",
    )
    directions = forms.MultipleChoiceField(
        label="Directions",
        choices=Conversation.Direction.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    percent = forms.FloatField(
        label="Share that is kept, in percent",
        required=False,
        min_value=0,
        max_value=100,
        help_text="For a sample alone.",
    )
    rest_for = forms.CharField(
        label="How long the rest stays",
        max_length=20,
        required=False,
        help_text="For a sample alone, such as P30D for 30 days.",
    )
