"""Tags escape what they are given and say in words what they draw."""

from typing import Any

import pytest
from django import forms

from plainspoken.ui import navigation
from plainspoken.ui.shapes import Act, Ask, Choice, Confirm, Page, Segment
from plainspoken.ui.shell import Badge, Purpose, Shell
from plainspoken.ui.tests.gallery import fragment, own_addresses, render

NASTY = "<script>alert(1)</script>"


class Sample(forms.Form):
    name = forms.CharField(label=NASTY, help_text="As on the order.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", NASTY), ("b", "B")], widget=forms.RadioSelect)
    law = forms.ChoiceField(label="Law", choices=[("gdpr", "GDPR")], required=False)
    agree = forms.BooleanField(label="I agree", required=False)
    text = forms.CharField(label="Text", widget=forms.Textarea)


def test_every_state_has_shape_and_word() -> None:
    for status, word in (("held", "Held"), ("broken", "Broken"), ("unproved", "Unproved")):
        assert f'aria-label="{word}"' in fragment("{% mark s %}", s=status)
        html = fragment("{% state s %}", s=status)
        assert f"#pn-{status}" in html and f">{word}</span>" in html


def test_an_unknown_state_is_an_error_and_not_a_held_promise() -> None:
    with pytest.raises(KeyError):
        fragment("{% mark s %}", s="fine")


def test_hits_are_marked_and_text_is_escaped() -> None:
    html = fragment(
        "{% segments parts %}", parts=[Segment("a "), Segment(NASTY, hit=True), {"text": "<b>", "hit": False}]
    )
    assert html == "a <mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>&lt;b&gt;"


def test_a_redaction_says_its_kind_and_nothing_else() -> None:
    html = fragment("{% redaction piece %}", piece={"removed": "card number", "note": "14 s, not recorded"})
    assert "card number, 14 s, not recorded" in html
    assert "removed: " in html
    assert fragment("{% redaction piece %}", piece={"removed": "name", "shown": NASTY}).count("<script") == 0


def test_fields_name_their_help_and_their_error() -> None:
    html = fragment("{% field form.name %}", form=Sample({}))
    assert 'for="id_name"' in html
    assert 'aria-describedby="id_name-help id_name-error"' in html
    assert 'aria-invalid="true"' in html
    assert NASTY not in html


def test_kinds_of_fields() -> None:
    form = Sample()
    assert "<fieldset" in fragment("{% field form.kind %}", form=form)
    assert 'class="form-select"' in fragment("{% field form.law %}", form=form)
    assert "(optional)" in fragment("{% field form.law %}", form=form)
    assert 'class="form-check-input"' in fragment("{% field form.agree %}", form=form)
    assert "<textarea" in fragment("{% field form.text %}", form=form)
    assert NASTY not in fragment("{% field form.kind %}", form=form)


def test_the_error_summary_links_to_the_fields() -> None:
    html = fragment("{% error_summary form %}", form=Sample({"name": "x", "text": "y"}))
    assert 'role="alert"' in html
    assert 'href="#id_kind' in html
    assert fragment("{% error_summary form %}", form=Sample()).strip() == ""


def test_an_act_that_cannot_be_undone_asks_first() -> None:
    act = Act(
        "/erase/",
        "Erase 2 items",
        danger=True,
        confirm=Confirm("Erase 2 items", "R-1", "Erase 2 items", ("Two calls.",)),
    )
    html = fragment("{% act act %}", act=act, csrf_token="t0ken")
    assert 'data-typed="R-1"' in html and "Keep everything" in html and "Two calls." in html
    assert 'value="t0ken"' in html
    assert html.index("Keep everything") < html.index('type="submit"')


def test_an_act_without_questions_is_one_button_that_posts() -> None:
    html = fragment(
        "{% act act %}", act=Act("/again/", "Send a new code", values={"id": '"<'}), csrf_token="t"
    )
    assert "<dialog" not in html
    assert 'name="id" value="&quot;&lt;"' in html


def test_an_act_can_ask_for_more() -> None:
    ask = Ask("until", "New date", "select", choices=(Choice("a", "In a month", current=True),))
    html = fragment("{% act act %}", act=Act("/extend/", "Extend", fields=(ask,)), csrf_token="t")
    assert "<select" in html and "selected" in html


def test_pages_of_a_table() -> None:
    html = fragment("{% pager page %}", page=Page(2, 3, 1_204, 51, 100, "?page=1", "?page=3"))
    assert "51–100 of 1\u202f204" in html
    assert 'rel="prev"' in html and 'rel="next"' in html
    assert "hidden" in fragment("{% pager page %}", page=None)


# ---- navigation ----


def shell(role: str, **changes: Any) -> Shell:
    return Shell("Larkfield Home", "Frankfurt, EU", "Maren Okafor", role, role, **changes)


def titles(role: str) -> list[str]:
    html = render("ui/page.html", {"shell": shell(role)})
    return [entry.title for group in _groups(role) for entry in group.links if entry.title in html]


def _groups(role: str) -> tuple[navigation.Group, ...]:
    with own_addresses():
        return navigation.entries(role)


def test_each_role_is_offered_its_own_pages() -> None:
    assert titles("agent") == ["Conversations", "Promises", "My privacy"]
    assert titles("privacy_officer") == [
        "Promises",
        "Requests",
        "Data map",
        "Conversations",
        "Recipients",
        "Ledger",
    ]
    assert "People and roles" in titles("administrator")
    assert "Requests" not in titles("supervisor")
    assert {"Conversations", "Measures", "Reports"} <= set(titles("analyst"))
    assert not {"Requests", "People and roles", "Ledger"} & set(titles("analyst"))
    assert titles("visitor") == []


def test_entries_whose_address_nobody_serves_are_left_out() -> None:
    offered = [link.key for group in _groups("agent") for link in group.links]
    assert "day" not in offered
    assert "day" in [entry.key for section in navigation.NAVIGATION["agent"] for entry in section.entries]


def test_the_side_bar_stays_short() -> None:
    for sections in navigation.NAVIGATION.values():
        assert sum(len(section.entries) for section in sections) <= navigation.MOST_ENTRIES


def test_counts_are_loud_only_when_late() -> None:
    counts = {"requests": Badge("1 late", late=True), "promises": 3, "ledger": 0}
    html = render("ui/page.html", {"shell": shell("privacy_officer", counts=counts)})
    assert '<span class="pn-count pn-count-late">1 late</span>' in html
    assert '<span class="pn-count">3</span>' in html
    assert html.count("pn-count") == 3


def test_the_purpose_line_is_there_only_when_personal_data_is_read() -> None:
    purposes = (
        Purpose("quality.evaluate", "evaluate quality"),
        Purpose("service.answer", "answer the customer"),
    )
    html = render("ui/page.html", {"shell": shell("agent", purpose="quality.evaluate", purposes=purposes)})
    assert "Reading to <b>check quality and coach</b>" in html
    assert "Reading to" not in render("ui/page.html", {"shell": shell("agent")})
    alone = render(
        "ui/page.html", {"shell": shell("agent", purpose="quality.evaluate", purposes=purposes[:1])}
    )
    assert "Reading to <b>check quality and coach</b>" in alone and "Change the purpose" not in alone


def test_names_are_escaped_and_shortened() -> None:
    one = shell("agent")
    assert one.initials == "MO"
    html = render("ui/page.html", {"shell": Shell("<b>x</b>", "EU", "Prince", "agent", "Agent")})
    assert "<b>x</b>" not in html.replace("<b><b>", "")
    assert Shell("x", "EU", "Prince", "agent", "Agent").initials == "PR"


def test_what_stands_between_backticks_is_code_and_nothing_is_markup() -> None:
    html = fragment("{{ text|commands }}", text="Run `plainspoken up` <b>now</b>.")
    assert html == "Run <code>plainspoken up</code> &lt;b&gt;now&lt;/b&gt;."
    assert (
        fragment("{{ text|commands }}", text="Every migration is applied.") == "Every migration is applied."
    )


def test_names_of_code_break_after_dots_and_underscores() -> None:
    html = fragment("{{ name|breakable }}", name="rights.declarations.copy_requests")
    assert html == "rights.<wbr>declarations.<wbr>copy_<wbr>requests"
    assert fragment("{{ name|breakable }}", name="a<b") == "a&lt;b"


def test_a_purpose_is_said_short_and_in_the_words_of_the_policy() -> None:
    answering = Purpose("service.answer", "answer you and carry out your order")
    improving = Purpose("house.own", "a purpose that only this policy knows")
    html = render(
        "ui/page.html",
        {"shell": shell("supervisor", purpose=answering.name, purposes=(answering, improving))},
    )
    assert "Reading to <b>answer the customer</b>" in html
    assert "<small>answer you and carry out your order</small>" in html, (
        "the published words stand in the list"
    )
    assert (
        "<b>a purpose that only this policy knows</b>" in html and html.count("only this policy knows") == 1
    )
