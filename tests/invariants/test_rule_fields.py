"""Every field of a rule that is enforced drives behaviour: for each, a test publishes another value and sees a change.

The fields are read from the compiled policy, so one that is new without a test fails here. A test beside an app is
named by its path; the rest is below.
"""

import ast
import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from conftest import POLICY
from django.test import Client

from plainspoken.config import backups, health, worker
from plainspoken.conversations import queries as conversations
from plainspoken.conversations.arrival import ArrivalRefused, Utterance
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.ports import Wanted
from plainspoken.conversations.tests.makers import arrived, written
from plainspoken.custody import clock, ledger, sealing
from plainspoken.custody.models import Decision, Organisation, Subject
from plainspoken.custody.places import place
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.custody.subjects import decide
from plainspoken.kernels.policy import PolicyErrors, compile_policy
from plainspoken.people.models import Membership
from plainspoken.policies import datamap
from plainspoken.policies.queries import may_read_for, policy_in_force
from plainspoken.policies.services import PublishRefused
from plainspoken.proofs.registry import provers
from plainspoken.retention import services as retention
from plainspoken.retention.queries import ending_places
from plainspoken.rights import copies, queries, services
from plainspoken.rights.closes import closed_by_objection, closed_by_restriction, marketing
from plainspoken.rights.services.restricting import oppose
from plainspoken.rights.tests.steps import (
    ME,
    WEB,
    code_for,
    decided,
    filed,
    officer,
    proved,
    republish,
    request_of,
    rows,
    sealed,
    somebody,
)

ROOT = Path(__file__).parents[2]
APPS = "src/plainspoken"
HERE = "tests/invariants/test_rule_fields.py"

TESTED = {
    "notice.layered.summary_words_at_most": f"{APPS}/policies/tests/test_publishing.py::test_a_summary_longer_than_the_rule_allows_is_refused",
    "notice.layered.sections_start": f"{APPS}/policies/tests/test_notice_page.py::test_sections_start_as_the_rule_says",
    "notice.version.material_notice_ahead": f"{APPS}/policies/tests/test_publishing.py::test_the_time_ahead_is_the_published_one",
    "notice.version.material": f"{APPS}/policies/tests/test_publishing.py::test_which_changes_are_material_is_for_the_rule_in_force_to_say",
    "notice.controller.shows": f"{APPS}/policies/tests/test_notice_page.py::test_the_controller_is_shown_as_the_rule_says",
    "collect.categories.taxonomy": f"{HERE}::test_the_taxonomy_is_one_we_know_and_names_the_terms",
    "collect.categories.categories": f"{APPS}/policies/tests/test_publishing.py::test_a_category_that_the_store_holds_must_be_in_the_notice",
    "collect.points.points.name": f"{HERE}::test_a_point_that_is_not_named_takes_nothing",
    "collect.points.points.title": f"{HERE}::test_titles_are_what_people_read",
    "collect.points.points.at": f"{HERE}::test_titles_are_what_people_read",
    "collect.points.points.purposes": f"{HERE}::test_what_arrives_at_a_point_serves_the_purposes_of_that_point",
    "collect.points.points.choices": f"{HERE}::test_consent_opens_only_what_the_point_offers",
    "collect.points.points.fields.category": f"{HERE}::test_a_field_has_a_category_that_exists",
    "collect.points.points.fields.required": f"{APPS}/conversations/tests/test_arriving.py::test_a_changed_policy_changes_what_is_taken",
    "security.safeguards.ledger_sealed_within": f"{HERE}::test_the_sealer_keeps_the_published_pace",
    "security.safeguards.sign_in_attempts": f"{APPS}/policies/tests/test_safeguards.py::test_the_strictest_published_rule_counts",
    "security.safeguards.lock_out_for": f"{APPS}/policies/tests/test_safeguards.py::test_the_strictest_published_rule_counts",
    "security.safeguards.idle_sign_out_after": f"{APPS}/policies/tests/test_safeguards.py::test_the_idle_time_is_the_published_one",
    "security.safeguards.backup_every": f"{HERE}::test_a_backup_is_late_when_the_rule_says",
    "security.safeguards.recording_pause_ends_within": f"{APPS}/conversations/tests/test_marking.py::test_a_changed_policy_changes_when_a_pause_ends",
    "use.purposes.purposes.title": f"{HERE}::test_titles_are_what_people_read",
    "use.purposes.purposes.group": f"{HERE}::test_the_group_decides_what_an_objection_ends_and_where_the_notice_lists_it",
    "use.purposes.purposes.basis": f"{HERE}::test_the_ground_of_each_kind_of_people_decides",
    "use.purposes.purposes.maintenance": f"{HERE}::test_a_maintenance_purpose_is_not_closed",
    "use.purposes.purposes.closed_by": f"{HERE}::test_what_a_restriction_and_an_objection_close_is_published",
    "use.purposes.purposes.roles": f"{HERE}::test_roles_are_the_published_ones",
    "use.purposes.purposes.group_of_at_least": f"{HERE}::test_the_smallest_group_is_the_published_one",
    "basis.register.grounds": f"{HERE}::test_a_copy_names_the_published_article",
    "basis.register.balancing": f"{HERE}::test_legitimate_interests_need_their_note",
    "right.access.kind": f"{HERE}::test_a_clause_gives_the_right_it_says",
    "right.access.laws": f"{HERE}::test_a_right_is_given_by_the_published_laws",
    "right.access.answer_within": f"{HERE}::test_the_answer_is_due_when_the_rule_says",
    "right.access.verify": f"{HERE}::test_how_somebody_proves_themselves_is_published",
    "right.access.formats": f"{APPS}/rights/tests/test_access.py::test_the_published_formats_are_those_in_the_copy",
    "right.access.mask_others": f"{APPS}/transcripts/tests/test_copying.py::test_the_policy_decides_whether_others_are_masked",
    "right.access.archive_expires_within": f"{APPS}/rights/tests/test_access.py::test_the_copy_waits_as_long_as_the_rule_says",
    "right.erase.kind": f"{HERE}::test_a_clause_gives_the_right_it_says",
    "right.erase.laws": f"{HERE}::test_a_right_is_given_by_the_published_laws",
    "right.erase.answer_within": f"{HERE}::test_the_answer_is_due_when_the_rule_says",
    "right.erase.verify": f"{HERE}::test_how_somebody_proves_themselves_is_published",
    "right.erase.keep_only_for": f"{APPS}/rights/tests/test_erasure.py::test_a_reason_to_keep_that_the_policy_does_not_name_stops_it",
    "right.erase.backups_end_within": f"{HERE}::test_a_backup_ends_when_the_rule_says",
    "right.erase.second_person": f"{APPS}/rights/tests/test_erasure.py::test_without_a_second_person_in_the_policy_one_is_enough",
    "right.restrict.kind": f"{HERE}::test_a_clause_gives_the_right_it_says",
    "right.restrict.laws": f"{HERE}::test_a_right_is_given_by_the_published_laws",
    "right.restrict.answer_within": f"{HERE}::test_the_answer_is_due_when_the_rule_says",
    "right.restrict.verify": f"{HERE}::test_how_somebody_proves_themselves_is_published",
    "right.restrict.grounds": f"{HERE}::test_the_published_grounds_are_the_only_ones",
    "right.restrict.still_used_for": f"{APPS}/rights/tests/test_restriction.py::test_the_published_list_decides_what_goes_on",
    "rights.verify.code_digits": f"{APPS}/rights/tests/test_intake.py::test_the_published_numbers_of_the_code_are_used",
    "rights.verify.code_expires_within": f"{APPS}/rights/tests/test_intake.py::test_the_published_numbers_of_the_code_are_used",
    "rights.verify.attempts": f"{APPS}/rights/tests/test_intake.py::test_the_published_numbers_of_the_code_are_used",
    "rights.verify.without": f"{APPS}/rights/tests/test_intake.py::test_kinds_without_verification_open_at_once",
    "disclose.default-deny.recipients.title": f"{HERE}::test_titles_are_what_people_read",
    "disclose.default-deny.recipients.purposes": f"{APPS}/disclosures/tests/test_gate.py::test_publishing_another_list_changes_what_leaves",
    "disclose.default-deny.recipients.categories": f"{APPS}/disclosures/tests/test_gate.py::test_publishing_another_list_changes_what_leaves",
    "retain.as-needed.periods": f"{HERE}::test_each_period_is_the_published_one",
}  # fmt: skip


# ---- the table is whole ----


def fields_of(clause: str) -> Iterator[str]:
    """The fields of a clause's rule, in records too; of one that serves many clauses, those that it uses."""
    rule = compile_policy(POLICY.read_text("utf-8"), file=POLICY.name).rule(clause)
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        if clause.startswith("right.") and value == unused(field):
            continue
        yield from inside(f"{clause}.{field.name}", value)


def unused(field: "dataclasses.Field[Any]") -> Any:
    """What a field holds in clauses that do not use it."""
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else object()


def inside(path: str, value: Any) -> Iterator[str]:
    """The fields of the records in a list or map, else the path itself."""
    items = (
        list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, tuple) else [value]
    )
    record = next((item for item in items if dataclasses.is_dataclass(item)), None)
    if record is None or type(record).__name__ == "Duration":
        yield path
        return
    for field in dataclasses.fields(record):
        yield from inside(f"{path}.{field.name}", getattr(record, field.name))


def test_every_field_of_every_proved_clause_has_its_test() -> None:
    found = {field for clause in provers() for field in fields_of(clause)}
    assert sorted(found - set(TESTED)) == [], "publish another value in a test and name it in TESTED"
    assert sorted(set(TESTED) - found) == [], "these are fields no more"


@pytest.mark.parametrize("named", sorted(set(TESTED.values())))
def test_each_named_test_is_there_and_publishes_something(named: str) -> None:
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in functions, f"{named} is gone"
    said = ast.unparse(functions[name])
    assert re.search(r"publish|policy_with|announce|changed|compile|refused_by_the_compiler", said), named


# ---- changing the policy ----


def changed(clause: str, *pairs: tuple[str, str], source: str | None = None) -> str:
    """Our text with something replaced in the rule of one clause alone."""
    text = source or POLICY.read_text("utf-8")
    start = text.index("```rule", text.index("{#" + clause + "}"))
    end = text.index("\n```", start)
    block = text[start:end]
    for old, new in pairs:
        assert old in block, f"the rule of {clause} does not say {old!r}"
        block = block.replace(old, new, 1)
    return text[:start] + block + text[end:]


def refused_by_the_compiler(text: str) -> list[str]:
    """The clauses that the compiler complains of, with what it says."""
    with pytest.raises(PolicyErrors) as refused:
        compile_policy(text, file="p.md")
    return [f"{error.clause}: {error.message}" for error in refused.value.errors]


def seen(house: Organisation, name: str) -> set[Any]:
    with purpose(name, organisation=house.id, by=ME):
        return set(Subject.objects.values_list("id", flat=True))


# ---- what is collected ----


def test_the_taxonomy_is_one_we_know_and_names_the_terms(house: Organisation) -> None:
    policy = policy_in_force(organisation=house.id)
    assert set(datamap.said(policy).terms.values()) >= {"dpv-pd:Name", "dpv-pd:EmailAddress"}
    wrong = refused_by_the_compiler(changed("collect.categories", ("taxonomy: dpv-pd", "taxonomy: shoes")))
    assert len(wrong) == 1 and wrong[0].startswith("collect.categories: ")


def test_a_point_that_is_not_named_takes_nothing(house: Organisation) -> None:
    arrived(house, source="1")
    text = POLICY.read_text("utf-8").replace("conversation.upload", "conversation.other")
    republish(house, text)
    with pytest.raises(ArrivalRefused) as refused:
        arrived(house, source="2")
    assert refused.value.code == "point"


def test_titles_are_what_people_read(house: Organisation) -> None:
    page = f"/notice/{house.slug}/"
    words = {
        "uploads of recorded conversations": "recordings that we are handed",
        "somebody of ours uploads a recording": "somebody of ours hands a recording over",
        "answer you and carry out your order": "answer what you asked and do what you ordered",
        "a recipient that we made up to test this promise": "a recipient that exists for this test alone",
    }
    before = Client().get(page).content.decode()
    assert all(old in before for old in words) and not any(new in before for new in words.values())
    text = POLICY.read_text("utf-8")
    for old, new in words.items():
        text = text.replace(old, new)
    republish(house, text)
    after = Client().get(page).content.decode()
    assert all(new in after for new in words.values()) and not any(old in after for old in words)
    titles = datamap.said(policy_in_force(organisation=house.id)).titles
    assert titles["service.answer"] == words["answer you and carry out your order"]


TOLD = "purposes: [service.answer, quality.evaluate, coaching.share, service.improve, conversation.reveal, claims.defend]"


def test_what_arrives_at_a_point_serves_the_purposes_of_that_point(house: Organisation, staff: Any) -> None:
    """Found, searched, read and counted only for a purpose that people were told of there."""
    words = [Utterance("My lamp is broken", "customer")]
    call = arrived(house, source="1", words=words)
    written(house, call)
    member, browser = staff("supervisor")

    def found(name: str, q: str = "") -> bool:
        with purpose(name, organisation=house.id, by=ME):
            return call.id in conversations.listed(Wanted(q=q), member).conversations

    def read(name: str) -> int:
        return int(browser.get(f"/conversations/{call.id}/", {"purpose": name}).status_code)

    for name in ("service.answer", "quality.evaluate"):
        assert found(name) and found(name, "lamp") and read(name) == 200, name
    republish(house, changed("collect.points", (TOLD, TOLD.replace("quality.evaluate, ", ""))))
    assert found("service.answer") and found("service.answer", "lamp") and read("service.answer") == 200
    assert not found("quality.evaluate") and not found("quality.evaluate", "lamp")
    assert read("quality.evaluate") == 404
    republish(house, changed("collect.points", (TOLD, TOLD.replace("service.improve, ", ""))))
    assert found("quality.evaluate")
    with purpose("service.improve", organisation=house.id, by=ME):
        assert not conversations.collected_for(Conversation.objects.all()).exists()
    with purpose("rights.execute", organisation=house.id, by=ME):
        assert conversations.collected_for(Conversation.objects.all()).exists(), "the person's copy is whole"


def test_what_the_system_does_with_a_request_is_told_where_it_is_made(house: Organisation) -> None:
    text = changed("collect.points", ("purposes: [rights.intake]", "purposes: [security.audit]"))
    with pytest.raises(PublishRefused, match=r"privacy\.request serves rights\.intake"):
        republish(house, text)


def test_consent_opens_only_what_the_point_offers(house: Organisation) -> None:
    call = arrived(house, source="1", customer_email="ada@post.example")
    with purpose("rights.execute", organisation=house.id, by=ME):
        ada = Participation.objects.get(conversation=call, role="customer").subject_id
        decide(subject=ada, kind=Decision.Kind.CONSENT, purposes=["quality.evaluate"], ground="form", by=ME)

    def found() -> bool:
        with purpose("quality.evaluate", organisation=house.id, by=ME):
            return conversations.collected_for(Conversation.objects.filter(id=call.id)).exists()

    offered = consented(POLICY.read_text("utf-8"))
    republish(house, offered)
    assert found()
    republish(house, offered.replace("choices: [quality.evaluate]", "choices: []"))
    assert not found(), "it rests on a consent that this point never asked for"


def consented(text: str) -> str:
    """Our policy where quality rests on consent, which every point of conversations offers as a choice."""
    own = "coach our staff\n    group: improve\n    basis: {customer: legitimate-interests, staff: legitimate-interests}"
    new = "coach our staff\n    group: inform\n    basis: {customer: consent, staff: consent}"
    assert own in text and f"{TOLD}\n    choices: []" in text
    text = text.replace(own, new)
    told = TOLD.replace("quality.evaluate, ", "")
    text = text.replace(f"{TOLD}\n    choices: []", f"{told}\n    choices: [quality.evaluate]")
    return re.sub(r"^  quality\.evaluate: Good.*\n", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TOLD, "purposes: [service.answer, sell.shoes]"),
        ("choices: [marketing.inform]", "choices: [sell.shoes]"),
    ],
)
def test_a_point_names_purposes_that_exist(old: str, new: str) -> None:
    wrong = refused_by_the_compiler(changed("collect.points", (old, new)))
    assert any("sell.shoes" in line and line.startswith("collect.points") for line in wrong)


def test_a_field_has_a_category_that_exists() -> None:
    wrong = refused_by_the_compiler(
        changed("collect.points", ("queue: {category: call", "queue: {category: shoes"))
    )
    assert any("shoes" in line and line.startswith("collect.points") for line in wrong)


# ---- safeguards ----


def test_the_sealer_keeps_the_published_pace(house: Organisation) -> None:
    """Half of what is promised, so that the rest is for the sealing itself; slower and faster."""
    assert worker.pace(house.id) == 2.5
    for within, pace in (("PT1S", 0.5), ("PT1H", 1800.0)):
        text = ("ledger_sealed_within: PT5S", f"ledger_sealed_within: {within}")
        republish(house, changed("security.safeguards", text))
        assert worker.pace(house.id) == pace
    last: dict[UUID, float] = {}
    assert worker.seal_due(last, now=100.0) <= 1.0, "another policy may be published at any moment"
    ledger_waits(house)
    worker.seal_due(last, now=100.0 + 1799.0)
    assert sealing.verify(organisation=house.id).pending > 0, "its hour has not come"
    worker.seal_due(last, now=100.0 + 1801.0)
    sealed(house)
    assert sealing.verify(organisation=house.id).pending == 0


def test_an_entry_is_late_when_the_rule_says(house: Organisation) -> None:
    sealed(house)
    ledger_waits(house)
    time.sleep(1.1)
    assert health._late(house) == 0, "five seconds are promised"
    republish(
        house, changed("security.safeguards", ("ledger_sealed_within: PT5S", "ledger_sealed_within: PT1S"))
    )
    assert health._late(house) >= 1
    sealed(house)
    assert health._late(house) == 0


def ledger_waits(house: Organisation) -> None:
    """An entry that no seal covers yet."""
    with purpose("security.audit", organisation=house.id, by=ME):
        ledger.enter_read(place="rights.Request", rows=1, by=ME)


def test_a_backup_is_late_when_the_rule_says(house: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "last_backup", lambda: clock.wall() - timedelta(hours=10))
    assert health._backups()[0] == "held"
    republish(house, changed("security.safeguards", ("backup_every: P1D", "backup_every: PT6H")))
    assert health._backups()[0] == "broken"


def test_a_backup_ends_when_the_rule_says(house: Organisation) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert backups._expiry(now) == now + timedelta(days=35)
    republish(house, changed("right.erase", ("backups_end_within: P35D", "backups_end_within: P20D")))
    assert backups._expiry(now) == now + timedelta(days=20)


# ---- purposes ----

ANSWER = "answer you and carry out your order\n    group: provide\n"


def test_a_group_of_purposes_is_one_of_the_five() -> None:
    wrong = refused_by_the_compiler(changed("use.purposes", ("group: provide", "group: shoes")))
    assert any("shoes" in line and line.startswith("use.purposes") for line in wrong)


def test_the_group_decides_what_an_objection_ends_and_where_the_notice_lists_it(house: Organisation) -> None:
    """What informs people ends by anybody's objection, for good; and people read each group apart."""

    def listed() -> str:
        page = Client().get(f"/notice/{house.slug}/").content.decode()
        return next(
            line for line in re.findall(r"<li>(.*?)</li>", page, re.DOTALL) if "coach our staff" in line
        )

    def ends(people: str) -> bool:
        return "quality.evaluate" in closed_by_objection(organisation=house.id, people=people)

    start, ground = "coach our staff\n    group: ", "\n    basis: {customer: legitimate-interests, staff: "
    own = f"{start}improve{ground}legitimate-interests"
    republish(house, changed("use.purposes", (own, f"{start}provide{ground}contract")))
    assert listed().startswith("provide the service: ") and ends("customer") and not ends("staff")
    assert "quality.evaluate" not in marketing(organisation=house.id)
    republish(house, changed("use.purposes", (own, f"{start}inform{ground}legitimate-interests")))
    assert listed().startswith("send information of interest: ") and ends("staff")
    assert "quality.evaluate" in marketing(organisation=house.id)


def test_the_ground_of_each_kind_of_people_decides(house: Organisation, staff: Any) -> None:
    """Who can object, and whether a law can be a reason to keep something from an erasure."""

    def ends(people: str) -> bool:
        return "quality.evaluate" in closed_by_objection(organisation=house.id, people=people)

    def blocked() -> str:
        return " ".join(services.plan(organisation=house.id, reference=request.reference, by=by).blocked)

    somebody(house, email="ada@post.example")
    request, by = proved(house, "erase", email="ada@post.example"), officer(staff)
    assert ends("customer") and ends("staff") and not blocked()
    text = changed(
        "use.purposes",
        (
            "coach our staff\n    group: improve\n    basis: {customer: legitimate-interests",
            "coach our staff\n    group: improve\n    basis: {customer: contract",
        ),
    )
    republish(house, text)
    assert not ends("customer") and ends("staff")
    republish(house, POLICY.read_text("utf-8").replace("customer: legal-obligation", "customer: contract"))
    assert "no purpose of it rests on a law" in blocked()
    republish(house, POLICY.read_text("utf-8").replace("staff: legal-obligation", "staff: contract"))
    assert not blocked(), "she is a customer"


def test_a_purpose_that_rests_on_consent_sees_nobody_without_it(house: Organisation) -> None:
    ada = somebody(house, email="ada@post.example")
    assert ada in seen(house, "quality.evaluate")
    republish(house, consented(POLICY.read_text("utf-8")))
    assert ada not in seen(house, "quality.evaluate") and ada in seen(house, "service.answer")


def test_a_maintenance_purpose_is_not_closed(house: Organisation) -> None:
    assert "service.notify" in closed_by_restriction(organisation=house.id)
    own = "basis: {customer: contract, staff: contract}\n    maintenance: false\n    closed_by: [restriction]"
    start = "tell you about your order or your account\n    group: notify\n    "
    new = (start + own).replace("false", "true").replace("restriction", "").replace("notify", "operate")
    text = changed("use.purposes", (start + own, new))
    republish(house, text)
    assert "service.notify" not in closed_by_restriction(organisation=house.id)
    terms = rows(
        "SELECT maintenance FROM custody_purposestate WHERE purpose_id = 'service.notify' ORDER BY since"
    )
    assert terms == [(False,), (True,)]


def test_what_a_restriction_and_an_objection_close_is_published(house: Organisation) -> None:
    assert "security.audit" not in closed_by_restriction(organisation=house.id)
    start = "prove that these promises are kept, on people we made up\n    group: operate\n"
    own = "    basis: {customer: legal-obligation, staff: legal-obligation}\n    maintenance: false\n"
    assert "policy.prove" in closed_by_restriction(organisation=house.id)
    text = changed(
        "use.purposes",
        (f"{start}{own}    closed_by: [restriction]", f"{start}{own}    closed_by: []"),
    )
    text = changed(
        "right.restrict", ("organisation.manage]", "organisation.manage, policy.prove]"), source=text
    )
    republish(house, text)
    assert "policy.prove" not in closed_by_restriction(organisation=house.id)
    ada = somebody(house, email="ada@post.example")
    text = POLICY.read_text("utf-8")
    quality = text[text.index("  quality.evaluate:\n    title:") :].partition("group_of_at_least")[0]
    republish(house, text.replace(quality, quality.replace("[restriction, objection]", "[restriction]")))
    with purpose("rights.execute", organisation=house.id, by=ME):
        oppose(organisation=house.id, subject=ada, by=ME)
    assert ada in seen(house, "quality.evaluate") and ada not in seen(house, "service.improve")


def test_roles_are_the_published_ones(house: Organisation, staff: Any) -> None:
    _, agent = staff("agent")
    assert may_read_for("agent", "service.answer", organisation=house.id)
    assert agent.get("/conversations/").status_code == 200
    text = POLICY.read_text("utf-8").replace("roles: [agent, supervisor,", "roles: [supervisor,")
    republish(house, text)
    assert not may_read_for("agent", "service.answer", organisation=house.id)
    assert agent.get("/conversations/").status_code == 403


def test_the_smallest_group_is_the_published_one(house: Organisation, staff: Any) -> None:
    for n in range(3):
        said = [Utterance(f"Hello {n}", "customer")]
        arrived(house, source=f"{n}", customer_email=f"{n}@home.example", customer_name="", words=said)
    _, supervisor = staff("supervisor")
    measures = "/conversations/measures/"
    assert "under 12, not shown" in supervisor.get(measures).content.decode()
    fewer = ("group_of_at_least: 12", "group_of_at_least: 3")
    republish(house, changed("use.aggregate", fewer, source=changed("use.purposes", fewer)))
    page = supervisor.get(measures).content.decode()
    assert "under 12" not in page and "under 3, not shown" not in page


def test_a_copy_names_the_published_article(house: Organisation) -> None:
    def grounds() -> str:
        policy = policy_in_force(organisation=house.id)
        found = copies.about(place("people.Identifier"), policy=policy, kind=Subject.Kind.CUSTOMER)
        return " ".join(found.grounds)

    assert "GDPR Art. 6(1)(b)" in grounds()
    republish(house, changed("basis.register", ("GDPR Art. 6(1)(b)", "UK GDPR Art. 6(1)(b), as amended")))
    assert "UK GDPR Art. 6(1)(b), as amended" in grounds()


def test_legitimate_interests_need_their_note() -> None:
    text = changed("basis.register", ("  claims.defend: Anybody may", "  service.notify: Anybody may"))
    wrong = refused_by_the_compiler(text)
    assert any("claims.defend" in line for line in wrong) and any("service.notify" in line for line in wrong)


# ---- rights ----

RIGHTS = {"right.access": "access", "right.erase": "erase", "right.restrict": "restrict"}


@pytest.mark.parametrize(("clause", "kind"), RIGHTS.items())
def test_a_clause_gives_the_right_it_says(clause: str, kind: str) -> None:
    other = "erase" if kind != "erase" else "access"
    wrong = refused_by_the_compiler(changed(clause, (f"kind: {kind}", f"kind: {other}")))
    assert any(line.startswith(clause) for line in wrong)


@pytest.mark.parametrize(("clause", "kind"), RIGHTS.items())
def test_a_right_is_given_by_the_published_laws(house: Organisation, clause: str, kind: str) -> None:
    filed(house, kind, email="ada@post.example", law="uk-gdpr", **_ground(kind))
    block = POLICY.read_text("utf-8").partition("{#" + clause + "}")[2].partition("\n```\n")[0]
    within = re.search(r"answer_within: \{.*\}", block)
    assert within is not None
    text = changed(
        clause,
        ("laws: [gdpr, uk-gdpr", "laws: [gdpr"),
        (within.group(), within.group().replace("uk-gdpr: P1M, ", "").replace(", uk-gdpr: P1M", "")),
    )
    republish(house, text)
    with pytest.raises(services.RequestRefused):
        filed(house, kind, email="ada@post.example", law="uk-gdpr", **_ground(kind))
    filed(house, kind, email="ada@post.example", law="gdpr", **_ground(kind))


def _ground(kind: str) -> dict[str, str]:
    return {"ground": "accuracy-contested"} if kind == "restrict" else {}


@pytest.mark.parametrize(("clause", "kind"), RIGHTS.items())
def test_the_answer_is_due_when_the_rule_says(house: Organisation, clause: str, kind: str) -> None:
    republish(house, changed(clause, ("answer_within: {gdpr: P1M", "answer_within: {gdpr: P5D")))
    row = request_of(house, filed(house, kind, email="ada@post.example", **_ground(kind)).reference)
    found = queries.deadline_of(row)
    assert (found.due - row.received_at.astimezone(found.at.tzinfo).date()).days == 5


@pytest.mark.parametrize(("clause", "kind"), RIGHTS.items())
def test_how_somebody_proves_themselves_is_published(house: Organisation, clause: str, kind: str) -> None:
    somebody(house, email="ada@post.example")
    proved(house, kind, email="ada@post.example", **_ground(kind))
    republish(house, changed(clause, ("verify: control-of-contact", "verify: sign-in-and-contact")))
    request = filed(house, kind, email="ada@post.example", **_ground(kind))
    verdict = services.verify(
        organisation=house.id,
        reference=request.reference,
        code=code_for(house, request),
        by=WEB,
        token=request.token,
    )
    assert request_of(house, request.reference).state != "open", f"a code alone is enough: {verdict}"


def test_the_published_grounds_are_the_only_ones(house: Organisation, staff: Any) -> None:
    somebody(house, email="ada@post.example")
    request, by = proved(house, "restrict", email="ada@post.example"), officer(staff)
    with pytest.raises(services.RequestRefused, match="needs one of these grounds"):
        decided(house, request.reference, by, ground="on-request")
    republish(house, changed("right.restrict", ("objection-pending]", "objection-pending, on-request]")))
    assert decided(house, request.reference, by, ground="on-request").ground == "on-request"
    for ground in (
        "accuracy-contested, ",
        "unlawful-but-kept, ",
        "needed-for-claims, ",
        ", objection-pending",
    ):
        wrong = refused_by_the_compiler(changed("right.restrict", (ground, "")))
        assert any(line.startswith("right.restrict") for line in wrong), "the law names these four"


# ---- the end of what is kept ----

PERIODS = tuple(compile_policy(POLICY.read_text("utf-8"), file="p").rule("retain.as-needed").periods)  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", PERIODS)
def test_each_period_is_the_published_one(house: Organisation, key: str) -> None:
    if key == "job":
        _failed_job(house, days_ago=20)
    block = POLICY.read_text("utf-8").partition("{#retain.as-needed}")[2]
    line = re.search(rf"^  {re.escape(key)}: \S+$", block, re.MULTILINE)
    assert line is not None
    if key == "job":
        retention.purge(organisation=house.id, by=ME)
        assert _jobs_of(house) == 1, "P30D: it is kept for people to see"
    republish(house, changed("retain.as-needed", (line.group(), f"  {key}: P13D")))
    if key == "job":
        retention.purge(organisation=house.id, by=ME)
        assert _jobs_of(house) == 0
        return
    ends = {
        where.model: before
        for where, before in ending_places(organisation=house.id)
        if where.retention == key
    }
    assert ends, f"nothing in the store ends by {key}"
    for before in ends.values():
        age = clock.now(house.id) - before
        assert timedelta(days=12, hours=22) <= age <= timedelta(days=14, hours=2)


def _failed_job(house: Organisation, *, days_ago: int) -> None:
    at = clock.wall() - timedelta(days=days_ago)
    rows(
        "WITH job AS (INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
        " VALUES ('default', 'old.task', jsonb_build_object('organisation', %s::text), 'failed') RETURNING id),"
        " gone AS (SELECT 1) INSERT INTO procrastinate_events (job_id, type, at) SELECT id, 'failed', %s FROM job"
        " RETURNING job_id",
        str(house.id),
        at,
    )
    rows("UPDATE procrastinate_events SET at = %s RETURNING id", at)


def _jobs_of(house: Organisation) -> int:
    (count,) = rows(
        "SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'organisation' = %s", str(house.id)
    )[0]
    return int(count)


def test_what_is_no_purpose_of_the_new_version_is_closed(house: Organisation) -> None:
    """A purpose is the published one, not one that code once knew."""
    text = POLICY.read_text("utf-8")
    assert Membership.Role.AGENT and "service.notify" in text
    with pytest.raises(PurposeRefused), purpose("sell.shoes", organisation=house.id, by=ME):
        pass
