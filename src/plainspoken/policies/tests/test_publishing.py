"""Publishing: what is in force when, what must be told first, and what two publishers at once leave
behind.
"""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from plainspoken.custody import clock
from plainspoken.custody.actors import program
from plainspoken.custody.models import LedgerEntry, Organisation, PurposeState
from plainspoken.custody.organisations import create, shift_clock
from plainspoken.custody.sessions import PurposeRefused, purpose
from plainspoken.kernels.policy import Duration, PolicyErrors
from plainspoken.policies import queries, services
from plainspoken.policies.models import Notice, Version

from .texts import REWORDED, SOONER, changed, longer_retention, ours, with_purpose

ME = program("test")
AHEAD = Duration.parse("P30D")


def publish(house: Organisation, source: str, **more: object) -> Version:
    return services.publish(organisation=house.id, source=source, file="p.md", by=ME, **more)  # type: ignore[arg-type]


def announce(house: Organisation, source: str) -> Version:
    return services.announce(organisation=house.id, source=source, file="p.md", by=ME)


def number(house: Organisation) -> int:
    return queries.version_in_force(organisation=house.id).number


def may_enter(house: Organisation, name: str) -> bool:
    try:
        with purpose(name, organisation=house.id, by=ME):
            return True
    except PurposeRefused:
        return False


@pytest.fixture
def proving(database: str) -> Organisation:
    """A house whose clock may be moved."""
    row = create(slug="proving-one", name="Proving", home_region="EU", kind=Organisation.Kind.PROVING)
    publish(row, ours())
    return row


def test_without_a_policy_nothing_is_said_and_nothing_can_be_entered(database: str) -> None:
    bare = create(slug="bare", name="Bare", home_region="EU")
    with pytest.raises(queries.NoPolicy, match="policy publish"):
        queries.version_in_force(organisation=bare.id)
    assert not may_enter(bare, "service.answer")
    assert queries.kept(organisation=bare.id) is None


def test_a_text_that_does_not_compile_changes_nothing_and_names_every_error(house: Organisation) -> None:
    broken = changed(
        ("material_notice_ahead: P30D", "material_notice_ahead: soon"),
        ("sections_start: closed", "sections_start: ajar"),
    )
    with pytest.raises(PolicyErrors) as caught:
        publish(house, broken)
    assert {error.clause for error in caught.value.errors} >= {"notice.version", "notice.layered"}
    assert all(str(error).startswith("p.md:") for error in caught.value.errors)
    assert number(house) == 1


def test_a_change_of_words_is_in_force_at_once_and_the_old_one_stays_readable(house: Organisation) -> None:
    publish(house, changed(REWORDED))
    assert number(house) == 2
    assert "You may download" in queries.policy_in_force(organisation=house.id).source
    assert "You can download" in queries.version(organisation=house.id, number=1).source


def test_publishing_the_same_text_again_changes_nothing(house: Organisation) -> None:
    first = queries.version_in_force(organisation=house.id)
    assert publish(house, ours()).id == first.id
    assert Version.objects.filter(organisation=house).count() == 1


def test_going_back_to_an_older_text_is_a_new_version(house: Organisation) -> None:
    publish(house, changed(REWORDED))
    assert publish(house, ours()).number == 3
    assert Version.objects.filter(organisation=house).count() == 3


def test_versions_are_never_changed_or_removed(house: Organisation) -> None:
    for act in (
        lambda: Version.objects.filter(organisation=house).update(label="other"),
        lambda: Version.objects.filter(organisation=house).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_material_change_without_notice_is_refused_with_the_changes(house: Organisation) -> None:
    with pytest.raises(services.NoticeNeeded) as caught:
        publish(house, longer_retention())
    [change] = caught.value.changes
    assert (change.topic, change.clause, change.path) == (
        "retention",
        "retain.as-needed",
        "periods.conversation.words",
    )
    assert change.after == "P8Y3M"
    assert change.sentence in str(caught.value)
    assert number(house) == 1 and Version.objects.filter(organisation=house).count() == 1


def test_making_retention_shorter_is_no_material_change(house: Organisation) -> None:
    text = longer_retention().replace("P99M", "P1D", 1)
    assert publish(house, text).material == []
    assert number(house) == 2


def test_which_changes_are_material_is_for_the_rule_in_force_to_say(house: Organisation) -> None:
    """With retention taken off the list, the same change needs no notice. Taking it off does."""
    policy = queries.policy_in_force(organisation=house.id)
    topics = ", ".join(policy.rule("notice.version").material)  # type: ignore[attr-defined]
    fewer = changed((f"material: [{topics}]", "material: [purpose, recipient, transfer, sale]"))
    with pytest.raises(services.NoticeNeeded) as caught:
        publish(house, fewer)
    assert {change.topic for change in caught.value.changes} == {"telling"}
    publish(house, fewer, notified=clock.now(house.id) - timedelta(days=31), told=12)
    assert number(house) == 2
    publish(house, longer_retention(fewer))
    assert number(house) == 3


def test_announced_changes_start_after_the_notice_and_the_time_ahead(proving: Organisation) -> None:
    version = announce(proving, longer_retention())
    assert version.number == 2 and number(proving) == 1
    told_of = version.effective_at - version.published_at
    assert timedelta(days=30) - timedelta(seconds=5) < told_of <= timedelta(days=30, hours=1)
    [job] = ProcrastinateJob.objects.filter(task_name="disclosures.announce")
    assert job.args == {"organisation": str(proving.id), "version": str(version.id)}
    # The day comes, but nobody was told: the old version goes on.
    shift_clock(organisation=proving.id, by=timedelta(days=40))
    assert number(proving) == 1
    assert queries.in_force_from(version) is None
    # Told on day 40: it starts 30 days after that, not on the day first named.
    notice = services.record_notice(version=version.id, audience="customers", told=3, by=ME)
    assert (notice.told, notice.audience) == (3, "customers")
    shift_clock(organisation=proving.id, by=timedelta(days=69))
    assert number(proving) == 1
    shift_clock(organisation=proving.id, by=timedelta(days=71))
    assert number(proving) == 2
    assert (
        queries.rule(organisation=proving.id, clause="retain.as-needed").periods["conversation.words"].months
        == 99
    )


def test_the_time_ahead_is_the_published_one(proving: Organisation) -> None:
    publish(proving, changed(SOONER))
    version = announce(proving, longer_retention(changed(SOONER)))
    assert version.effective_at == Duration.parse("P45D").add_to(version.effective_at - timedelta(days=45))
    services.record_notice(version=version.id, audience="customers", told=1, by=ME)
    shift_clock(organisation=proving.id, by=timedelta(days=44))
    assert number(proving) == 2
    shift_clock(organisation=proving.id, by=timedelta(days=46))
    assert number(proving) == 3


def test_announcing_what_is_not_material_publishes_it_at_once(house: Organisation) -> None:
    assert announce(house, changed(REWORDED)).number == 2
    assert number(house) == 2
    assert not ProcrastinateJob.objects.filter(task_name="disclosures.announce").exists()


def test_announcing_twice_is_one_version_and_one_job(house: Organisation) -> None:
    assert announce(house, longer_retention()).id == announce(house, longer_retention()).id
    assert ProcrastinateJob.objects.filter(task_name="disclosures.announce").count() == 1


def test_a_notice_is_recorded_once(house: Organisation) -> None:
    version = announce(house, longer_retention())
    first = services.record_notice(version=version.id, audience="customers", told=3, by=ME)
    assert services.record_notice(version=version.id, audience="others", told=9, by=ME).id == first.id
    assert Notice.objects.get(version=version).told == 3


def test_people_told_otherwise_long_enough_ago(house: Organisation) -> None:
    when = clock.now(house.id) - timedelta(days=31)
    version = publish(house, longer_retention(), notified=when, told=40)
    assert number(house) == 2
    notice = Notice.objects.get(version=version)
    assert (notice.told, notice.audience, notice.sent_at) == (40, "told-otherwise", when)


def test_people_told_otherwise_yesterday_still_have_their_time(proving: Organisation) -> None:
    publish(proving, longer_retention(), notified=clock.now(proving.id) - timedelta(days=1), told=40)
    assert number(proving) == 1
    shift_clock(organisation=proving.id, by=timedelta(days=28))
    assert number(proving) == 1
    shift_clock(organisation=proving.id, by=timedelta(days=30))
    assert number(proving) == 2


def test_a_new_purpose_is_closed_until_its_version_starts_and_opens_by_itself(proving: Organisation) -> None:
    version = announce(proving, with_purpose())
    assert not may_enter(proving, "staff.profile")
    services.record_notice(version=version.id, audience="staff", told=5, by=ME)
    assert not may_enter(proving, "staff.profile")
    shift_clock(organisation=proving.id, by=timedelta(days=29))
    assert not may_enter(proving, "staff.profile") and may_enter(proving, "service.answer")
    shift_clock(organisation=proving.id, by=timedelta(days=31))
    assert may_enter(proving, "staff.profile") and may_enter(proving, "service.answer")
    shift_clock(organisation=proving.id, by=timedelta(0))
    assert not may_enter(proving, "staff.profile")


def test_a_purpose_that_the_new_text_leaves_out_is_closed_at_once(house: Organisation) -> None:
    publish(house, with_purpose(), notified=clock.now(house.id) - timedelta(days=60), told=1)
    assert may_enter(house, "staff.profile")
    publish(house, ours(), notified=clock.now(house.id) - timedelta(days=60), told=1)
    assert not may_enter(house, "staff.profile")


def test_a_version_that_a_newer_one_overtakes_never_starts(proving: Organisation) -> None:
    pending = announce(proving, with_purpose())
    services.record_notice(version=pending.id, audience="staff", told=5, by=ME)
    publish(proving, changed(REWORDED))
    shift_clock(organisation=proving.id, by=timedelta(days=60))
    assert number(proving) == 3
    assert not may_enter(proving, "staff.profile")


def test_a_late_notice_of_an_overtaken_version_opens_nothing(proving: Organisation) -> None:
    pending = announce(proving, with_purpose())
    publish(proving, changed(REWORDED))
    services.record_notice(version=pending.id, audience="staff", told=5, by=ME)
    shift_clock(organisation=proving.id, by=timedelta(days=60))
    assert number(proving) == 3
    assert not may_enter(proving, "staff.profile")


def test_two_pending_versions_start_one_after_the_other(proving: Organisation) -> None:
    first = announce(proving, with_purpose("staff.profile"))
    services.record_notice(version=first.id, audience="staff", told=5, by=ME)
    shift_clock(organisation=proving.id, by=timedelta(days=10))
    second = announce(proving, with_purpose("staff.rank", with_purpose("staff.profile")))
    services.record_notice(version=second.id, audience="staff", told=5, by=ME)
    seen = {}
    for day in (29, 31, 39, 41):
        shift_clock(organisation=proving.id, by=timedelta(days=day))
        seen[day] = (number(proving), may_enter(proving, "staff.profile"), may_enter(proving, "staff.rank"))
    assert seen == {29: (1, False, False), 31: (2, True, False), 39: (2, True, False), 41: (3, True, True)}


def test_one_house_taking_the_portal_away_leaves_others_theirs(
    house: Organisation, proving: Organisation
) -> None:
    text = changed(("roles: [portal, privacy_officer, program]", "roles: [privacy_officer, program]"))
    publish(proving, text, notified=clock.now(proving.id) - timedelta(days=60))
    with (
        pytest.raises(PurposeRefused, match="may not enter"),
        purpose("rights.intake", organisation=proving.id, by=ME, role="portal"),
    ):
        pass
    with purpose("rights.intake", organisation=house.id, by=ME, role="portal"):
        pass


def test_a_summary_longer_than_the_rule_allows_is_refused(house: Organisation) -> None:
    shorter = changed(("summary_words_at_most: 32", "summary_words_at_most: 6"))
    with pytest.raises(services.PublishRefused) as caught:
        publish(house, shorter)
    assert any("The summary of right.access has" in reason for reason in caught.value.reasons)
    long = " and".join(["We keep it"] * 12)
    text = changed(
        ("You can download the whole notice as", f"{long}, and you can download the whole notice as")
    )
    with pytest.raises(services.PublishRefused, match=r"The summary of notice\.pdf has"):
        publish(house, text)


def test_a_category_that_the_store_holds_must_be_in_the_notice(house: Organisation) -> None:
    line = next(part for part in ours().splitlines() if part.strip().startswith("pseudonym:"))
    with pytest.raises((services.PublishRefused, PolicyErrors)) as caught:
        publish(house, changed((line + "\n", "")))
    assert "pseudonym" in str(caught.value)
    assert number(house) == 1


def test_what_happened_is_in_the_ledger(house: Organisation) -> None:
    publish(house, changed(REWORDED))
    pending = announce(house, longer_retention(changed(REWORDED)))
    services.record_notice(version=pending.id, audience="customers", told=3, by=ME)
    with purpose("security.audit", organisation=house.id, by=ME):
        rows = LedgerEntry.objects.filter(act__startswith="policy.").order_by("at")
        seen = [(row.act, row.about, row.detail.get("told")) for row in rows]
    assert seen == [
        ("policy.published", "policy:1", None),
        ("policy.published", "policy:2", None),
        ("policy.announced", "policy:3", None),
        ("policy.told", "policy:3", 3),
    ]


def _together(acts: list) -> list:  # type: ignore[type-arg]
    """Run each in a thread of its own, as near to at once as can be."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        try:
            barrier.wait()
            found[place] = acts[place]()
        except Exception as error:
            found[place] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_publishers_of_one_text_leave_one_version(house: Organisation) -> None:
    text = changed(REWORDED)
    made = _together([lambda: publish(house, text).number] * 4)
    assert made == [2, 2, 2, 2]
    assert Version.objects.filter(organisation=house).count() == 2


def test_two_publishers_of_two_texts_leave_both_in_some_order(house: Organisation) -> None:
    texts = [changed(REWORDED), changed((REWORDED[0], "You may always download the whole notice"))]
    made = _together([lambda text=text: publish(house, text).number for text in texts])  # type: ignore[misc]
    assert sorted(made) == [2, 3]
    assert number(house) == 3


def test_first_publications_at_once_in_two_houses(database: str) -> None:
    houses = [create(slug=f"house-{n}", name=f"House {n}", home_region="EU") for n in range(3)]
    made = _together([lambda row=row: publish(row, ours()).number for row in houses])  # type: ignore[misc]
    assert made == [1, 1, 1]
    assert all(may_enter(row, "service.answer") for row in houses)


def test_states_are_only_added_when_something_changes(house: Organisation) -> None:
    before = PurposeState.objects.filter(organisation=house).count()
    publish(house, changed(REWORDED))
    assert PurposeState.objects.filter(organisation=house).count() == before


def test_reading_the_rule_costs_little(house: Organisation) -> None:
    """The text itself (100 kB) is not fetched again once it is compiled."""
    from django.test.utils import CaptureQueriesContext

    queries.rule(organisation=house.id, clause="right.erase")
    with CaptureQueriesContext(connections["default"]) as seen:
        queries.rule(organisation=house.id, clause="right.erase")
    assert len(seen) == 2
    assert not any('"source"' in query["sql"] for query in seen)


def test_an_unknown_version_is_said(house: Organisation) -> None:
    with pytest.raises(queries.NoSuchVersion):
        queries.version(organisation=house.id, number=9)
    assert isinstance(house.id, UUID)
