"""Differences between versions, their direction, and which are told first."""

import pytest

from plainspoken.kernels.policy import Change, Policy, Relation, Versions, compile_policy, diff, material
from plainspoken.kernels.policy.tests.specimens import FILE, changed, in_clause, shipped, source


def compiled(text: str) -> Policy:
    return compile_policy(text, file=FILE)


def rule_of_versions() -> Versions:
    rule = shipped().rule("notice.version")
    assert isinstance(rule, Versions)
    return rule


def only_change(text: str) -> Change:
    [change] = diff(shipped(), compiled(text))
    return change


def test_a_policy_does_not_differ_from_itself() -> None:
    assert diff(shipped(), compiled(source())) == []
    assert material(shipped(), shipped(), rule_of_versions()) == []


def test_a_new_label_alone_is_no_change() -> None:
    assert diff(shipped(), compiled(changed("version: 2026-01", "version: 2026-02"))) == []


CASES = [
    (
        "retain.as-needed",
        "conversation.sound: P6M",
        "conversation.sound: P1Y",
        "periods.conversation.sound",
        Relation.LOOSER,
        ("P6M", "P1Y"),
        ("6 months", "1 year"),
        "retention",
    ),
    (
        "retain.as-needed",
        "conversation.sound: P6M",
        "conversation.sound: P3M",
        "periods.conversation.sound",
        Relation.STRICTER,
        ("P6M", "P3M"),
        ("6 months", "3 months"),
        None,
    ),
    (
        "right.erase",
        "backups_end_within: P35D",
        "backups_end_within: P40D",
        "backups_end_within",
        Relation.LOOSER,
        ("P35D", "P40D"),
        ("35 days", "40 days"),
        "retention",
    ),
    (
        "right.access",
        "answer_within: {gdpr: P1M",
        "answer_within: {gdpr: P14D",
        "answer_within.gdpr",
        Relation.STRICTER,
        ("P1M", "P14D"),
        ("1 month", "14 days"),
        None,
    ),
    (
        "disclose.no-sale",
        "sells: false",
        "sells: true",
        "sells",
        Relation.LOOSER,
        (False, True),
        ("do not sell, rent or trade", "may sell, rent or trade"),
        "sale",
    ),
    (
        "transfer.region",
        "clients_choose_from: [eea",
        "clients_choose_from: [canada, eea",
        "clients_choose_from",
        Relation.LOOSER,
        None,
        None,
        "transfer",
    ),
    (
        "notice.framework",
        "    status: not-used",
        "    status: active",
        "frameworks.bcr.status",
        Relation.LOOSER,
        ("not-used", "active"),
        ("not used by us", "in force"),
        "transfer",
    ),
    (
        "use.purposes",
        "    title: answer you and carry",
        "    title: sell you things and carry",
        "purposes.service.answer.title",
        Relation.OTHER,
        None,
        None,
        "purpose",
    ),
    (
        "use.purposes",
        "roles: [supervisor, privacy_officer]",
        "roles: [supervisor, privacy_officer, agent]",
        "purposes.conversation.reveal.roles",
        Relation.LOOSER,
        None,
        None,
        None,
    ),
    (
        "use.purposes",
        "roles: [supervisor, privacy_officer]",
        "roles: [privacy_officer]",
        "purposes.conversation.reveal.roles",
        Relation.STRICTER,
        None,
        None,
        None,
    ),
    (
        "collect.points",
        "    purposes: [rights.intake]",
        "    purposes: [rights.intake, service.improve]",
        "points.privacy.request.purposes",
        Relation.LOOSER,
        None,
        None,
        "purpose",
    ),
    (
        "disclose.default-deny",
        "    categories: [name, email, company, job]",
        "    categories: [name, email, company, job, phone]",
        "recipients.co-sponsor.categories",
        Relation.LOOSER,
        None,
        None,
        "recipient",
    ),
    (
        "disclose.processors",
        "sub-processors]",
        "sub-processors, same-protection]",
        "needs",
        Relation.STRICTER,
        None,
        None,
        None,
    ),
    (
        "disclose.processors",
        ", region, sub-processors]",
        ", region]",
        "needs",
        Relation.LOOSER,
        None,
        None,
        "recipient",
    ),
    ("rights.verify", "attempts: 5", "attempts: 9", "attempts", Relation.LOOSER, (5, 9), ("5", "9"), None),
]


@pytest.mark.parametrize(("clause", "old", "new", "path", "direction", "values", "said", "topic"), CASES)
def test_a_changed_rule(
    clause: str,
    old: str,
    new: str,
    path: str,
    direction: Relation,
    values: tuple[object, object] | None,
    said: tuple[str, str] | None,
    topic: str | None,
) -> None:
    text = in_clause(clause, old, new)
    change = only_change(text)
    assert (change.clause, change.what, change.path, change.direction) == (clause, "rule", path, direction)
    if values is not None:
        assert (change.before, change.after) == values
    if said is not None:
        assert (change.before_said, change.after_said) == said
    told = material(shipped(), compiled(text), rule_of_versions())
    assert [item.topic for item in told] == ([topic] if topic else [])


def test_back_and_forth_are_opposite() -> None:
    for clause, old, new, *_ in CASES:
        there = only_change(in_clause(clause, old, new))
        [back] = diff(compiled(in_clause(clause, old, new)), shipped())
        assert (back.before, back.after) == (there.after, there.before)
        assert back.direction is there.direction.reversed


def test_an_added_recipient_is_material_and_a_removed_one_is_not() -> None:
    added = in_clause(
        "disclose.default-deny",
        "recipients:\n",
        "recipients:\n  printer:\n    title: a printing house\n"
        "    purposes: [service.notify]\n    categories: [name, address]\n",
    )
    [told] = material(shipped(), compiled(added), rule_of_versions())
    assert (told.topic, told.change.path, told.change.direction) == (
        "recipient",
        "recipients.printer",
        Relation.LOOSER,
    )
    assert told.change.before is None
    assert told.change.after_said == "a printing house"
    assert material(compiled(added), shipped(), rule_of_versions()) == []


def test_an_added_purpose_is_material() -> None:
    added = in_clause(
        "use.purposes",
        "purposes:\n",
        "purposes:\n  orders.predict:\n    title: guess what you order next\n    group: improve\n"
        "    basis: {customer: contract, staff: contract}\n    maintenance: false\n    closed_by: [restriction]\n"
        "    roles: [program]\n    group_of_at_least: null\n",
    )
    [told] = material(shipped(), compiled(added), rule_of_versions())
    assert (told.topic, told.change.path) == ("purpose", "purposes.orders.predict")


def test_only_the_topics_of_the_rule_are_material() -> None:
    text = in_clause("retain.as-needed", "conversation.sound: P6M", "conversation.sound: P1Y")
    rule = Versions(material_notice_ahead=rule_of_versions().material_notice_ahead, material=("sale",))
    assert material(shipped(), compiled(text), rule) == []


def test_words_are_changes_but_not_material() -> None:
    text = in_clause("right.erase", "Ask, and we erase", "Tell us, and we erase")
    change = only_change(text)
    assert (change.what, change.direction) == ("text", Relation.OTHER)
    assert change.before_said.startswith("Ask, and we erase")
    assert change.after_said.startswith("Tell us, and we erase")
    title = only_change(changed("### Have it erased {#right.erase}", "### We erase it {#right.erase}"))
    assert (title.what, title.before, title.after) == ("title", "Have it erased", "We erase it")
    section = only_change(changed("## Your rights {#H}", "## What you can ask {#H}"))
    assert (section.what, section.path, section.after) == ("section", "H", "What you can ask")
    assert material(shipped(), compiled(text), rule_of_versions()) == []


def test_the_controller_is_compared() -> None:
    change = only_change(changed("+49 69 90009 214", "+49 69 90009 215"))
    assert (change.clause, change.what, change.path) == (None, "controller", "telephone")
    assert change.after == "+49 69 90009 215"


def test_an_order_that_matters_is_a_change_and_one_that_does_not_is_none() -> None:
    text = source()
    start, end = text.index("  - name: dispute-body"), text.index("  - name: arbitration")
    stop = text.index("authority_any_time: true")
    swapped = text[:start] + text[end:stop] + text[start:end] + text[stop:]
    change = only_change(swapped)
    assert (change.clause, change.path, change.direction) == ("recourse.ladder", "ladder", Relation.OTHER)
    assert diff(shipped(), compiled(in_clause("right.access", "[json, csv, html", "[csv, json, html"))) == []


def test_a_clause_less_is_looser_and_material_where_its_kind_is() -> None:
    start = source().index("### Where your data is {#transfer.region}")
    end = source().index("## California and Nevada")
    less = compile_policy(source()[:start] + source()[end:], file=FILE, required=())
    [gone] = diff(shipped(), less)
    assert (gone.clause, gone.what, gone.direction) == ("transfer.region", "removed", Relation.LOOSER)
    assert [item.topic for item in material(shipped(), less, rule_of_versions())] == ["transfer"]
    [back] = diff(less, shipped())
    assert (back.what, back.direction) == ("added", Relation.STRICTER)
    assert material(less, shipped(), rule_of_versions()) == []
