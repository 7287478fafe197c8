"""Our own policy: complete, in plain words, quick to compile, and exactly as other parts of the system rely
on it.
"""

import re
import time
from itertools import pairwise

import pytest

from plainspoken.kernels.policy import (
    Bases,
    Categories,
    CollectionPoints,
    ControllerShown,
    Duration,
    NoticeLayers,
    Purposes,
    Recipients,
    Retention,
    Right,
    Safeguards,
    Verification,
    Versions,
    compile_policy,
    fill,
)
from plainspoken.kernels.policy.catalogue import CLAUSES, REQUIRED
from plainspoken.kernels.policy.kinds.staying import PERIODS
from plainspoken.kernels.policy.tests.specimens import FILE, ROOT, shipped, source

TABLE = ROOT.parent / "shared" / "mission" / "clauses.md"
# The ids of the mission's table, A to K, frozen: a clause cannot be dropped from catalogue and policy
# together.
FROZEN = """
notice.scope notice.layered notice.pdf notice.version notice.controller notice.consent-by-use
notice.external-links notice.framework notice.framework-prevails notice.regulator
collect.categories collect.points collect.choices-at-point collect.third-party collect.technical
collect.combined collect.about-others collect.recording-consent collect.minors
security.safeguards security.standards security.limits security.credentials security.contact
use.purposes
use.aggregate
use.change-of-purpose
disclose.no-sale disclose.default-deny disclose.protect disclose.co-sponsor disclose.processors
disclose.legal disclose.successor
cookies.declared cookies.no-reading cookies.similar cookies.choice cookies.beacons cookies.advertising
cookies.signals cookies.social
marketing.opt-by-region marketing.unsubscribe marketing.change-any-time
basis.register
right.withdraw right.access right.object right.correct right.erase right.port right.restrict
right.automated right.complain rights.free rights.verify rights.deadline rights.channels
transfer.controllers transfer.agents transfer.liability transfer.region
ccpa.know ccpa.delete ccpa.correct ccpa.limit ccpa.opt-out ccpa.non-discrimination
nevada.opt-out
forum.visibility forum.moderate forum.delete-own
respond.30-days
retain.as-needed
recourse.ladder
""".split()  # noqa: SIM905  (read beside the table, in its order)


def test_all_seventy_six_promises_are_made() -> None:
    assert len(FROZEN) == len(set(FROZEN)) == 76
    assert [clause.id for clause in shipped().clauses] == FROZEN == list(CLAUSES)
    assert set(FROZEN) == REQUIRED


def test_they_are_those_of_the_missions_table() -> None:
    if not TABLE.exists():
        pytest.skip("the mission's table of clauses is not beside this checkout")
    ids: dict[str, str] = {}
    letter = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## ([A-L])\. ", line):
            letter = heading[1]
        elif row := re.match(r"\| ([a-z]+\.[a-z0-9-]+) \|", line):
            ids[row[1]] = letter
    wanted = {clause: where for clause, where in ids.items() if where != "L"}
    assert len(wanted) == 76
    assert {clause.id: clause.letter for clause in shipped().clauses} == wanted


def test_it_compiles_in_well_under_a_second() -> None:
    shipped()
    started = time.process_time()
    for _ in range(3):
        compile_policy(source(), file=FILE)
    assert (time.process_time() - started) / 3 < 0.5


def test_sections_and_clauses_are_ready_for_the_notice() -> None:
    policy = shipped()
    assert [section.letter for section in policy.sections] == list("ABCDEFGHIJK")
    for section in policy.sections:
        clauses = policy.clauses_of(section.letter)
        assert clauses
        assert all(clause.section_title == section.title for clause in clauses)
    assert all(one.line < other.line for one, other in pairwise(policy.clauses))
    lines = source().split("\n")
    assert all(lines[clause.line - 1].endswith(f"{{#{clause.id}}}") for clause in policy.clauses)


def test_the_digest_is_that_of_the_text() -> None:
    import hashlib

    assert shipped().digest == hashlib.sha256(source().encode()).hexdigest()
    assert shipped().source == source()


def test_summaries_are_as_short_as_the_policy_says() -> None:
    rule = shipped().rule("notice.layered")
    assert isinstance(rule, NoticeLayers)
    for part in (*shipped().sections, *shipped().clauses):
        assert 3 <= len(part.summary.split()) <= rule.summary_words_at_most, part.summary


def sentences(markdown: str) -> list[str]:
    quoted = re.sub(r"\{\{[^}]*\}\}", "VALUE", markdown)
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", quoted)
    return [piece.strip() for piece in re.split(r"(?<=[.:?])\s+|\n- |\n\n", plain) if piece.strip()]


def test_sentences_are_short() -> None:
    """Under 20 words; a list or a number that comes from the rule counts as one."""
    for part in (*shipped().sections, *shipped().clauses):
        for sentence in sentences(part.text):
            assert len(sentence.split()) < 20, sentence


@pytest.mark.parametrize(
    "word", ["please", "successfully", "!", "utilize", "in order to", "hereby", "may be able", "we may, "]
)
def test_words_that_we_do_not_use(word: str) -> None:
    for part in (*shipped().sections, *shipped().clauses):
        assert word not in fill(part, policy=shipped()).casefold(), part


def test_it_speaks_to_you() -> None:
    said = " ".join(fill(part, policy=shipped()) for part in shipped().clauses)
    assert len(re.findall(r"\b[Yy]ou\b", said)) > 100
    assert len(re.findall(r"\b[Ww]e\b", said)) > 100


def test_names_addresses_and_numbers_are_fictional() -> None:
    controller = shipped().controller
    assert controller.name == "Larkfield Home GmbH"
    assert controller.privacy_contact.endswith(".example")
    # Numbers kept for fiction in Frankfurt: (0)69 90009-000 to -999.
    assert re.fullmatch(r"\+49 69 90009 \d{3}", controller.telephone)
    mails = set(re.findall(r"[\w.]+@[\w.]+\w", source()))
    assert all(mail.endswith(".example") for mail in mails)


def test_the_rules_that_others_build_on() -> None:
    policy = shipped()
    kinds = {
        "notice.layered": NoticeLayers,
        "notice.version": Versions,
        "notice.controller": ControllerShown,
        "collect.categories": Categories,
        "collect.points": CollectionPoints,
        "security.safeguards": Safeguards,
        "use.purposes": Purposes,
        "basis.register": Bases,
        "right.access": Right,
        "right.erase": Right,
        "right.restrict": Right,
        "rights.verify": Verification,
        "disclose.default-deny": Recipients,
        "retain.as-needed": Retention,
    }
    for clause, kind in kinds.items():
        assert type(policy.rule(clause)) is kind
    assert set(policy.purposes) == {
        "service.answer",
        "quality.evaluate",
        "coaching.share",
        "conversation.reveal",
        "service.improve",
        "service.notify",
        "marketing.inform",
        "claims.defend",
        "rights.intake",
        "rights.execute",
        "ingest.write",
        "retention.purge",
        "security.audit",
        "organisation.manage",
        "policy.prove",
    }
    maintenance = {name for name, purpose in policy.purposes.items() if purpose.maintenance}
    assert maintenance == {"ingest.write", "rights.execute", "retention.purge"}
    assert [name for name, purpose in policy.purposes.items() if purpose.needs_consent] == [
        "marketing.inform"
    ]
    assert [name for name, purpose in policy.purposes.items() if "portal" in purpose.roles] == [
        "rights.intake"
    ]
    assert policy.purposes["service.improve"].group_of_at_least == 12


def test_the_points_of_conversations_take_the_same_fields() -> None:
    rule = shipped().rule("collect.points")
    assert isinstance(rule, CollectionPoints)
    fields = {
        "source_id",
        "started_at",
        "duration",
        "direction",
        "queue",
        "subject_line",
        "language",
        "agent_name",
        "agent_email",
        "agent_phone",
        "agent_account",
        "customer_name",
        "customer_email",
        "customer_phone",
        "customer_account",
        "sound",
        "words",
    }
    for name in ("conversation.upload", "conversation.vcon", "conversation.folder"):
        assert set(rule.point(name).fields) >= fields
    assert set(rule.point("privacy.request").fields) >= {"kind", "name", "email", "phone", "details", "law"}
    with pytest.raises(KeyError):
        rule.point("nowhere")


def test_every_period_that_the_store_asks_for_is_there() -> None:
    rule = shipped().rule("retain.as-needed")
    assert isinstance(rule, Retention)
    assert set(rule.periods) == set(PERIODS)
    access = shipped().rule("right.access")
    assert isinstance(access, Right)
    assert access.archive_expires_within == rule.periods["archive"] == Duration(days=14)


def test_law_facts() -> None:
    policy = shipped()
    assert policy.rule("notice.framework").frameworks["privacy-shield"].status == "invalid"  # type: ignore[attr-defined]
    assert policy.rule("notice.framework").frameworks["privacy-shield"].ended.isoformat() == "2020-07-16"  # type: ignore[attr-defined]
    assert policy.rule("cookies.signals").global_privacy_control == "honoured"  # type: ignore[attr-defined]
    assert policy.rule("ccpa.know").back_to.isoformat() == "2022-01-01"  # type: ignore[attr-defined]
    nevada = policy.rule("nevada.opt-out")
    assert isinstance(nevada, Right)
    assert (nevada.answer_within["nevada"], nevada.extend_by) == (Duration(days=60), Duration(days=30))
    assert policy.rule("respond.30-days").answer_within == Duration(days=30)  # type: ignore[attr-defined]


def test_an_unknown_clause_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        shipped().clause("right.fly")
