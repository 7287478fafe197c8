"""Watched folders: what has settled is taken in, once, and put away, whatever happens between."""

import json
import mailbox
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from django.urls import reverse

from plainspoken.conversations.models import Conversation, Participation, Recording
from plainspoken.conversations.ports import words
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, wav, written
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.exchange import origins, parcels, services, sources, watching
from plainspoken.exchange.models import Source, SourceItem
from plainspoken.kernels.sound.tests import sounds

Run = Callable[[], watching.Ran]


@pytest.fixture
def incoming(tmp_path: Path) -> Iterator[Path]:
    """A folder that may be watched."""
    (tmp_path / "incoming").mkdir()
    with override_settings(SOURCE_FOLDERS=[str(tmp_path / "incoming")], FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
        yield tmp_path / "incoming"


@pytest.fixture
def source(house: Organisation, incoming: Path) -> Source:
    return sources.add(organisation=house.id, given=given(incoming), by=ME)


def given(incoming: Path, **more: Any) -> sources.Given:
    return sources.Given(
        **{"kind": "folder", "title": "Recorder", "place": str(incoming), "settled_s": 0, **more}
    )


@pytest.fixture
def run(house: Organisation, source: Source) -> Run:
    return lambda: watching.run(organisation=house.id, source=source.id, by=ME)


def conversations(house: Organisation) -> list[Conversation]:
    with purpose("ingest.write", organisation=house.id, by=ME):
        return list(Conversation.objects.filter(organisation=house).order_by("arrived_at"))


def row(house: Organisation, source: Source) -> Source:
    with purpose("organisation.manage", organisation=house.id, by=ME):
        return Source.objects.get(id=source.id)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def call(folder: Path, name: str, hertz: float, **facts: Any) -> None:
    (folder / f"{name}.wav").write_bytes(wav(hertz, hertz + 90, seconds=2.0))
    (folder / f"{name}.json").write_text(json.dumps({"source_id": name, "queue": "Returns", **facts}))


def mail(
    sender: str, to: str, text: str, *, name: str, answers: tuple[str, ...] = (), minute: int = 0
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "Re: A lamp that flickers"
    message["Date"] = f"Tue, 24 Nov 2026 09:{minute:02}:00 +0000"
    message["Message-ID"] = f"<{name}@mail.example>"
    if answers:
        message["References"] = " ".join(f"<{one}@mail.example>" for one in answers)
    message.set_content(text)
    return message


# ---- taken, once, and put away ----


def test_a_file_is_taken_moved_and_counted(
    house: Organisation, source: Source, run: Run, incoming: Path
) -> None:
    call(incoming, "a", 200.0)
    (incoming / "broken.wav").write_bytes(b"RIFF0000WAVE")
    ran = run()
    assert (ran.state, ran.taken, ran.refused) == ("fine", 1, 1)
    assert files(incoming) == {
        "done/a.wav",
        "done/a.json",
        "refused/broken.wav",
        "refused/broken.wav.reason.txt",
    }
    said = (incoming / "refused/broken.wav.reason.txt").read_text()
    assert "[sound-unreadable]" in said
    found = row(house, source)
    assert (found.taken, found.known, found.refused, found.run_state) == (1, 0, 1, "fine")
    assert [one.point for one in conversations(house)] == ["conversation.folder"]
    with purpose("organisation.manage", organisation=house.id, by=ME):
        assert [(one.code, one.count) for one in sources.refusals(found)] == [("sound-unreadable", 1)]


def test_what_still_grows_is_left_alone(
    house: Organisation, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sources.add(organisation=house.id, given=given(incoming, settled_s=30), by=ME)
    real, shift = watching.clock.now, [0]
    monkeypatch.setattr(watching.clock, "now", lambda org: real(org) + timedelta(seconds=shift[0]))

    def look(after: int) -> watching.Ran:
        shift[0] += after
        return watching.run(organisation=house.id, source=source.id, by=ME)

    whole = wav(200.0, 300.0, seconds=3.0)
    path = incoming / "grows.wav"
    path.write_bytes(whole[:9000])
    assert look(0).unsettled == 1 and look(20).unsettled == 1
    path.write_bytes(whole)
    assert look(20).unsettled == 1, "it has changed since, so its time begins anew"
    assert conversations(house) == []
    assert look(31).taken == 1
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert Recording.objects.get().truncated is False


def test_a_crash_anywhere_loses_nothing_and_doubles_nothing(
    house: Organisation, run: Run, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    for number, place in enumerate(("_note", "_put_away", "_may_come_again")):
        call(incoming, f"c{number}", 300.0 + number)
        with monkeypatch.context() as patch:
            patch.setattr(watching._Look, place, die)
            with pytest.raises(Killed):
                run()
        run()
        assert len(conversations(house)) == number + 1, place
        assert {f"done/c{number}.wav", f"done/c{number}.json"} <= files(incoming), place
        assert not [name for name in files(incoming) if not name.startswith("done/")], place


def test_a_move_that_is_cut_in_the_middle_is_finished(house: Organisation, run: Run, incoming: Path) -> None:
    call(incoming, "a", 200.0)
    run()
    (incoming / "done/a.wav").rename(incoming / "a.wav")
    ran = run()
    assert ran.taken == 0 and len(conversations(house)) == 1 and "a.wav" not in files(incoming)


def test_the_same_call_under_another_name_is_here_already(
    house: Organisation, run: Run, incoming: Path
) -> None:
    call(incoming, "a", 200.0)
    run()
    call(incoming, "b", 200.0, source_id="a")
    assert (run().known, len(conversations(house))) == (1, 1)


def test_what_was_refused_is_looked_at_again_once_it_is_mended(
    house: Organisation, run: Run, incoming: Path
) -> None:
    call(incoming, "a", 200.0, shoe_size=9)
    assert run().refused == 1
    for name in ("a.wav", "a.json"):
        (incoming / "refused" / name).rename(incoming / name)
    assert run().refused == 1, "unchanged, it is refused again and does not lie about"
    (incoming / "refused/a.wav").rename(incoming / "a.wav")
    (incoming / "a.json").write_text(json.dumps({"source_id": "a"}))
    assert run().taken == 1


def test_an_erased_call_does_not_come_back_when_its_file_does(
    house: Organisation, run: Run, incoming: Path
) -> None:
    call(incoming, "a", 200.0)
    run()
    from plainspoken.conversations.services import end_conversations

    here = conversations(house)[0].id
    with purpose("retention.purge", organisation=house.id, by=ME):
        end_conversations([here], by=ME)
    for name in ("a.wav", "a.json"):
        (incoming / "done" / name).rename(incoming / name)
    assert run().taken == 0 and [one.state for one in conversations(house)] == ["erased"]


def test_files_in_done_end_by_themselves(
    house: Organisation, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sources.add(organisation=house.id, given=given(incoming, keep_days=2), by=ME)
    call(incoming, "a", 200.0)
    watching.run(organisation=house.id, source=source.id, by=ME)
    assert "done/a.wav" in files(incoming)
    real = watching.clock.now
    monkeypatch.setattr(watching.clock, "now", lambda org: real(org) + timedelta(days=3))
    watching.run(organisation=house.id, source=source.id, by=ME)
    assert files(incoming) == set()


def test_none_is_kept_where_none_is_to(house: Organisation, incoming: Path) -> None:
    source = sources.add(organisation=house.id, given=given(incoming, keep_days=0), by=ME)
    call(incoming, "a", 200.0)
    watching.run(organisation=house.id, source=source.id, by=ME)
    assert files(incoming) == set() and len(conversations(house)) == 1


def test_paused_full_and_gone(house: Organisation, source: Source, run: Run, incoming: Path) -> None:
    call(incoming, "a", 200.0)
    sources.pause(organisation=house.id, source=source.id, by=ME)
    assert run().state == "paused" and conversations(house) == []
    sources.resume(organisation=house.id, source=source.id, by=ME)
    with override_settings(QUEUE_LIMIT=0):
        assert run().state == "full"
    assert row(house, source).run_state == "full"
    assert run().taken == 1
    incoming.rename(incoming.with_name("elsewhere"))
    ran = run()
    assert ran.state == "failed" and "not there" in row(house, source).run_problem
    incoming.with_name("elsewhere").rename(incoming)
    assert run().state == "fine" and row(house, source).run_problem == ""


def test_many_are_taken_in_several_looks(house: Organisation, source: Source, incoming: Path) -> None:
    for n in range(5):
        call(incoming, f"n{n}", 200.0 + n)
    ran = watching.run(organisation=house.id, source=source.id, by=ME, most=3)
    assert ran.more and ran.taken == 3
    ran = watching.run(organisation=house.id, source=source.id, by=ME, most=3)
    assert not ran.more and ran.taken == 2


def test_no_name_of_a_file_is_kept(house: Organisation, source: Source, run: Run, incoming: Path) -> None:
    (incoming / "+4915112345678.wav").write_bytes(b"no sound")
    run()
    with purpose("organisation.manage", organisation=house.id, by=ME):
        stored = repr([*SourceItem.objects.values(), *Source.objects.filter(id=source.id).values()])
    assert "15112345678" not in stored


# ---- what may be a source ----


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"place": "/etc"}, "may be watched"),
        ({"place": "{incoming}/../.."}, "may be watched"),
        ({"place": "relative"}, "whole path"),
        ({"place": "{incoming}/nowhere"}, "no such folder"),
        ({"kind": "bucket", "place": "A B"}, "name/prefix"),
        ({"kind": "bucket", "place": "calls", "endpoint": "ftp://x"}, "endpoint"),
        ({"kind": "bucket", "place": "calls", "key": "k"}, "needs its secret"),
        ({"kind": "carrier pigeon"}, "folder or a bucket"),
        ({"every_s": 1}, "every_s"),
    ],
)
def test_what_may_not_be_a_source(
    house: Organisation, incoming: Path, more: dict[str, Any], says: str
) -> None:
    if "place" in more:
        more["place"] = more["place"].replace("{incoming}", str(incoming))
    with pytest.raises(sources.SourceRefused, match=says):
        sources.add(organisation=house.id, given=given(incoming, **more), by=ME)


def test_a_link_out_of_the_folder_is_no_way_out(house: Organisation, incoming: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (incoming / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(sources.SourceRefused, match="may be watched"):
        sources.add(organisation=house.id, given=given(incoming / "link"), by=ME)


def test_credentials_are_sealed_and_never_shown(house: Organisation, incoming: Path) -> None:
    secret = "wJalrXUtnFEMI"
    made = sources.add(
        organisation=house.id,
        given=sources.Given(kind="bucket", title="B", place="calls/2026", key="AKIA", secret=secret),
        by=ME,
    )
    with purpose("organisation.manage", organisation=house.id, by=ME):
        found = Source.objects.get(id=made.id)
        assert (
            secret.encode() not in bytes(found.secret or b"") and sources.secret_of(found)["secret"] == secret
        )
    assert secret not in repr(sources.described(found)) and secret not in repr(
        sources.Given("", "", "", secret=secret)
    )
    with pytest.raises(sources.SourceRefused, match="is a source already"):
        sources.add(
            organisation=house.id, given=sources.Given(kind="bucket", title="", place="calls/2026"), by=ME
        )


# ---- what lies in a folder ----


def test_telephone_formats_arrive(house: Organisation, run: Run, incoming: Path) -> None:
    made = sounds.noise(rate=8_000, seconds=1.0)
    (incoming / "a.wav").write_bytes(sounds.encoded(made, rate=8_000, container="wav", codec="pcm_alaw"))
    (incoming / "u.wav").write_bytes(sounds.encoded(made, rate=8_000, container="wav", codec="pcm_mulaw"))
    (incoming / "f.flac").write_bytes(sounds.encoded(made, rate=8_000, container="flac", codec="flac"))
    assert run().taken == 3
    with purpose("ingest.write", organisation=house.id, by=ME):
        codecs = set(Recording.objects.values_list("codec", flat=True))
    assert codecs == {"pcm_alaw", "pcm_mulaw", "flac"}


def test_legs_of_a_transferred_call_become_one(house: Organisation, run: Run, incoming: Path) -> None:
    for leg, (name, second) in enumerate((("Jo Kim", 0), ("Sam Lee", 5)), start=1):
        call(
            incoming, f"leg{leg}", 200.0 + leg, source_id=f"x{leg}", call_id="X-1", leg=leg, legs=2,
            agent_name=name, customer_name="Ada Lovelace", started_at=f"2026-11-24T09:00:{second:02}+00:00",
        )  # fmt: skip
    ran = run()
    assert (ran.taken, ran.refused) == (1, 0)
    (one,) = conversations(house)
    with purpose("ingest.write", organisation=house.id, by=ME):
        came = origins.came_with(one.id)
        assert came.legs == ((0.0, 2.0), (5.0, 7.0)) and Recording.objects.get().duration_s == 7.0
        roles = list(
            Participation.objects.filter(conversation=one).order_by("position").values_list("role", "channel")
        )
    assert sorted(roles) == [("agent", 0), ("agent", 0), ("customer", 1)]
    assert {"done/leg1.wav", "done/leg2.wav"} <= files(incoming)


def test_the_page_of_a_transferred_call_names_its_parts(
    house: Organisation, run: Run, incoming: Path, staff: Staff
) -> None:
    for leg, second in ((1, 0), (2, 5), (3, 7)):
        call(
            incoming, f"leg{leg}", 200.0 + leg, source_id=f"x{leg}", call_id="X-1", leg=leg, legs=3,
            agent_name="Jo Kim", customer_name="Ada Lovelace", started_at=f"2026-11-24T09:00:{second:02}+00:00",
        )  # fmt: skip
    call(incoming, "alone", 220.0, source_id="alone")
    run()
    for one in conversations(house):
        written(house, one)
    _, browser = staff("supervisor", login="lead")
    pages = {}
    for one in conversations(house):
        with purpose("ingest.write", organisation=house.id, by=ME):
            legs = len(origins.legs_of(one.id))
        pages[legs] = browser.get(reverse("conversations:show", args=[one.id])).content.decode()
    text = pages[3]
    assert re.findall(r'data-seek="([0-9.]+)">Part (\d) of 3<', text) == [
        ("0.0", "1"),
        ("5.0", "2"),
        ("7.0", "3"),
    ]
    assert text.count("Transferred") == 2
    assert "Transferred, after 3 seconds in which nobody was recorded" in text
    assert "Part 1 of" not in pages[0] and "pn-segs" not in pages[0]


def test_a_leg_waits_for_the_others(house: Organisation, run: Run, incoming: Path) -> None:
    call(incoming, "leg1", 200.0, call_id="X-1", leg=1, legs=2)
    assert run().unsettled == 1
    call(incoming, "leg2", 210.0, call_id="X-1", leg=2, legs=2)
    assert run().taken == 1


def test_legs_hours_apart_are_not_one_call(house: Organisation, run: Run, incoming: Path) -> None:
    for leg, hour in ((1, 8), (2, 11)):
        call(
            incoming,
            f"leg{leg}",
            200.0 + leg,
            call_id="X",
            leg=leg,
            legs=2,
            started_at=f"2026-11-24T{hour:02}:00:00+00:00",
        )
    assert run().refused == 1 and conversations(house) == []
    assert "not one call" in (incoming / "refused/leg1.wav.reason.txt").read_text()


def test_a_thread_of_mails_is_one_conversation(
    house: Organisation, staff: Staff, run: Run, incoming: Path
) -> None:
    ours = staff("agent")[0].account.email
    ann = "Ann Archer <ann@home.example>"
    quoted = "It is a bulb.\n\nOn Tue, 24 Nov 2026, Ann Archer wrote:\n> My lamp flickers.\n-- \nSent from Larkfield"
    letters = [
        mail(ann, ours, "My lamp flickers.", name="1"),
        mail(f"Jo Kim <{ours}>", ann, quoted, name="2", answers=("1",), minute=5),
        mail(ann, ours, "Thank you.", name="3", answers=("1", "2"), minute=9),
        mail("bob@other.example", ours, "Where is my chair?", name="9"),
    ]
    box = mailbox.mbox(incoming / "inbox.mbox")
    for one in letters:
        box.add(one)
    box.close()
    assert run().taken == 2
    thread = next(one for one in conversations(house) if one.kind == "chat" and _count(one) == 2)
    written(house, thread)
    with purpose("service.answer", organisation=house.id, by=ME):
        script = words().script(thread.id)
        roles = list(Participation.objects.filter(conversation=thread).values_list("role", flat=True))
    assert script is not None and sorted(roles) == ["agent", "customer"]
    assert [line.text for line in script.lines] == ["My lamp flickers.", "It is a bulb.", "Thank you."]
    assert script.title == "A lamp that flickers"


def test_a_customer_at_the_mail_provider_of_a_colleague_is_a_customer(
    house: Organisation, staff: Staff, run: Run, incoming: Path
) -> None:
    ours = staff("agent")[0].account.email
    neighbour = f"ann@{ours.rpartition('@')[2]}"
    shared = mail("help@larkfield.example", neighbour, "It is a bulb.", name="2", answers=("1",), minute=5)
    for name, one in (("1", mail(neighbour, ours, "My lamp flickers.", name="1")), ("2", shared)):
        (incoming / f"{name}.eml").write_bytes(one.as_bytes())
    assert run().refused == 0
    with purpose("ingest.write", organisation=house.id, by=ME):
        roles = list(Participation.objects.values_list("role", flat=True))
    assert sorted(set(roles)) == ["agent", "customer"] and roles.count("customer") == len(
        conversations(house)
    )


def _count(one: Conversation) -> int:
    with purpose("ingest.write", organisation=one.organisation_id, by=ME):
        return Participation.objects.filter(conversation=one, role="agent").count() + 1


def test_a_thread_that_goes_on_loses_nothing(
    house: Organisation, staff: Staff, run: Run, incoming: Path
) -> None:
    ours, ann = staff("agent")[0].account.email, "ann@home.example"
    first = mail(ann, ours, "My lamp flickers.", name="1")
    second = mail(ours, ann, "It is a bulb.", name="2", answers=("1",), minute=5)
    third = mail(ann, ours, "It still flickers.", name="3", answers=("1", "2"), minute=50)
    for name, one in (("1", first), ("2", second)):
        (incoming / f"{name}.eml").write_bytes(one.as_bytes())
    assert run().taken == 1
    (incoming / "3.eml").write_bytes(third.as_bytes())
    assert run().taken == 1, "what is new is a conversation of its own"
    box = mailbox.mbox(incoming / "all.mbox")
    for one in (first, second, third):
        box.add(one)
    box.close()
    assert run().known == 1, "all of it again changes nothing"
    said = []
    for one in conversations(house):
        written(house, one)
        with purpose("service.answer", organisation=house.id, by=ME):
            script = words().script(one.id)
        said.append([line.text for line in script.lines])  # type: ignore[union-attr]
    assert said == [["My lamp flickers.", "It is a bulb."], ["It still flickers."]]


def test_chats_of_other_systems(house: Organisation, run: Run, incoming: Path) -> None:
    chat = {
        "id": "chat-7",
        "customer_email": "ann@home.example",
        "agent_name": "Jo Kim",
        "messages": [
            {"from": "visitor", "text": "Hello", "at": "2026-11-24T09:00:00Z"},
            {"author": {"role": "agent"}, "body": "Hi there", "timestamp": 1795510860},
            {"sender": "system", "message": "", "time": "2026-11-24T09:02:00Z"},
        ],
    }
    (incoming / "chat.json").write_text(json.dumps(chat))
    (incoming / "wrong.json").write_text(json.dumps({"messages": "hello"}))
    ran = run()
    assert (ran.taken, ran.refused) == (1, 1)
    assert "list of objects" in (incoming / "refused/wrong.json.reason.txt").read_text()
    (one,) = conversations(house)
    written(house, one)
    with purpose("service.answer", organisation=house.id, by=ME):
        script = words().script(one.id)
    assert script is not None and [(line.text, line.position is not None) for line in script.lines] == [
        ("Hello", True), ("Hi there", True)
    ]  # fmt: skip


def test_of_a_mono_sound_nobody_claims_to_know_who_speaks(
    house: Organisation, run: Run, incoming: Path
) -> None:
    (incoming / "mono.wav").write_bytes(wav(200.0, seconds=2.0))
    (incoming / "mono.json").write_text(json.dumps({"agent_name": "Jo Kim", "customer_name": "Ada"}))
    run()
    (one,) = conversations(house)
    from plainspoken.conversations.services import take

    with purpose("ingest.write", organisation=house.id, by=ME):
        held = take(one.id)
    assert held.channels == 1 and held.speaker_on(0) is None


def test_any_mail_is_read_or_refused() -> None:
    from plainspoken.exchange import threads

    for data in (
        b"",
        b"\xff\xfe",
        b"From: a@b\nMessage-ID: <\n\n",
        b"From: \nSubject: x\n\nhi",
        b"From: a@b.c\n\nhi",
    ):
        try:
            letter = threads._letter(data)
        except services.ArrivalRefused as error:
            assert error.sentence.endswith(".")
        else:
            assert letter.id.startswith("<")


def test_a_reading_folder_is_no_mailbox(tmp_path: Path) -> None:
    (tmp_path / "x.mbox").write_bytes(b"no mail")
    (parcel,) = parcels.parcels(tmp_path)
    assert "no mailbox" in parcel.wrong


def test_somebody_elses_source_is_not_there(house: Organisation, source: Source) -> None:
    with pytest.raises(sources.NoSuchSource):
        sources.pause(organisation=house.id, source=uuid4(), by=ME)
    assert isinstance(source.id, UUID)
