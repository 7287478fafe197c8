"""Forms as apps would bring them, empty and after a wrong answer."""

from django import forms

from .house import PEOPLE


class FileForm(forms.Form):
    kind = forms.ChoiceField(
        label="What do they ask?",
        choices=[("access", "A copy of the data"), ("erase", "Erase everything")],
        widget=forms.RadioSelect,
    )
    law = forms.ChoiceField(label="Law", choices=[("gdpr", "GDPR"), ("ccpa", "California, CCPA")])
    name = forms.CharField(label="Name")
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(label="Phone", required=False)
    received_at = forms.DateField(
        label="Day it reached us",
        help_text="The clock starts on this day.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    details = forms.CharField(
        label="What they wrote", widget=forms.Textarea(attrs={"rows": 4}), required=False
    )


class RequestForm(forms.Form):
    name = forms.CharField(label="Your name")
    email = forms.EmailField(
        label="Your e-mail", help_text="We send a code to it, so that nobody else can ask for you."
    )
    phone = forms.CharField(label="Your phone", required=False)
    details = forms.CharField(
        label="Anything that helps us find it", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    law = forms.ChoiceField(
        label="Where you live", choices=[("gdpr", "In the European Economic Area"), ("ccpa", "California")]
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code from our e-mail",
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "8"}
        ),
    )


class SignInForm(forms.Form):
    login = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    remember = forms.BooleanField(label="Keep me signed in on this device", required=False)


class PasswordForm(forms.Form):
    oldpassword = forms.CharField(label="Password now", widget=forms.PasswordInput)
    password1 = forms.CharField(
        label="New password", help_text="12 characters or more.", widget=forms.PasswordInput
    )
    password2 = forms.CharField(label="New password again", widget=forms.PasswordInput)


class AccountForm(forms.Form):
    name = forms.CharField(label="Name")
    email = forms.EmailField(label="E-mail", help_text="They sign in with it.")
    role = forms.ChoiceField(
        label="Role", choices=[(k, v[1].split(",")[0]) for k, v in PEOPLE.items()], widget=forms.RadioSelect
    )


class Bound:
    """Forms as they look after a wrong answer."""

    @staticmethod
    def request() -> forms.Form:
        return RequestForm({"name": "", "email": "klara", "law": "gdpr"}, auto_id="id_%s")

    @staticmethod
    def code() -> forms.Form:
        form = CodeForm({"code": "123"})
        form.add_error("code", "The code is too old. Ask for a new one.")
        return form
