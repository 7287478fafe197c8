"""`plainspoken ingest`: files and folders; one that is refused never stops the others."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import ME, opus, tones, wav
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.exchange import services


@pytest.fixture
def run(house: Organisation) -> Any:
    """Run the command in this house; gives exit code, standard output and standard error."""
    from plainspoken.cli.main import build

    def call(*arguments: object) -> tuple[int, str, str]:
        done = CliRunner().invoke(build(), ["ingest", "--organisation", house.slug, *map(str, arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


def mp3() -> bytes:
    """An MP3 file, made by the same library that reads it."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=16000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            tones(220.0, 330.0, seconds=2.0, rate=16000), format="fltp", layout="stereo"
        )
        frame.sample_rate = 16000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every kind of file, with facts in both ways, and what is wrong in every way."""
    (tmp_path / "deeper").mkdir()
    (tmp_path / "a.wav").write_bytes(wav(210.0, 310.0, seconds=1.0))
    (tmp_path / "a.json").write_text(
        json.dumps({"source_id": "A", "queue": "Returns", "customer_phone": "0151 2345678"})
    )
    (tmp_path / "b.mp3").write_bytes(mp3())
    (tmp_path / "deeper" / "c.opus").write_bytes(opus(250.0))
    (tmp_path / "deeper" / "d.WAV").write_bytes(wav(280.0, seconds=1.0))
    (tmp_path / "deeper" / "metadata.csv").write_text(
        "filename,queue,customer_email,duration,note\nc.opus,Orders,ann@home.example,3.5,\nd.WAV,Orders,,,hm\ngone.wav,Orders,,,\n"
    )
    (tmp_path / "chat.json").write_text(
        json.dumps(
            {
                "source_id": "chat-1",
                "words": [{"speaker": "customer", "text": "Hello"}, {"speaker": "agent", "text": "Hi"}],
            }
        )
    )
    (tmp_path / "v.vcon").write_text(
        json.dumps(
            {
                "uuid": "v1",
                "parties": [{"tel": "+4915199999999"}],
                "dialog": [{"type": "text", "parties": [0], "body": "Hello you"}],
            }
        )
    )
    (tmp_path / "broken.wav").write_bytes(b"RIFF0000WAVE")
    (tmp_path / "empty.mp3").write_bytes(b"")
    (tmp_path / "extra.wav").write_bytes(wav(290.0, seconds=1.0))
    (tmp_path / "extra.json").write_text(json.dumps({"shoe_size": 9}))
    (tmp_path / "torn.wav").write_bytes(wav(295.0, seconds=1.0))
    (tmp_path / "torn.json").write_text("{")
    (tmp_path / "alone.json").write_text("{}")
    (tmp_path / "readme.txt").write_text("not for us")
    (tmp_path / ".hidden.wav").write_bytes(wav(299.0, seconds=1.0))
    return tmp_path


def test_a_folder_is_taken_in_and_each_file_is_answered_for(
    house: Organisation, run: Any, folder: Path
) -> None:
    code, out, _ = run(folder, "--json")
    answer = json.loads(out)
    by_name = {Path(one["path"]).name: one for one in answer["files"]}
    assert code == 1 and (answer["created"], answer["known"], answer["refused"]) == (5, 0, 7)
    for name in ("a.wav", "b.mp3", "c.opus", "chat.json", "v.vcon"):
        assert by_name[name]["status"] == "created" and by_name[name]["reference"].startswith("C-"), name
    for name, reason in {
        "d.WAV": "note",
        "gone.wav": "not there",
        "broken.wav": "",
        "empty.mp3": "empty",
        "extra.wav": "shoe_size",
        "torn.wav": "not JSON",
        "alone.json": "no sound beside",
    }.items():
        assert by_name[name]["status"] == "refused" and reason in by_name[name]["reason"], by_name[name]
    assert not {"readme.txt", ".hidden.wav", "a.json", "metadata.csv"} & set(by_name)
    with purpose("service.answer", organisation=house.id, by=ME):
        rows = {row.queue: row for row in Conversation.objects.exclude(queue="")}
        assert rows["Orders"].duration_s == 3.5 and rows["Returns"].point == "conversation.upload"
        assert Conversation.objects.filter(kind="chat").count() == 2
        assert Participation.objects.filter(role="customer").count() == 5


def test_a_second_time_makes_nothing_new(house: Organisation, run: Any, folder: Path) -> None:
    for name in ("broken.wav", "empty.mp3", "extra.wav", "extra.json", "torn.wav", "torn.json", "alone.json"):
        (folder / name).unlink()
    shutil.rmtree(folder / "deeper")
    assert run(folder, "--json")[0] == 0
    code, out, _ = run(folder, "--json")
    assert code == 0 and json.loads(out)["known"] == 4 and json.loads(out)["created"] == 0
    renamed = folder / "renamed.wav"
    shutil.copy(folder / "b.mp3", renamed)
    assert json.loads(run(renamed, "--json")[1])["known"] == 1, "the same bytes under another name"


def test_single_files_and_people_read_a_table(run: Any, folder: Path) -> None:
    code, out, _ = run(folder / "a.wav", folder / "broken.wav", folder / "nowhere.wav")
    assert code == 1
    assert (
        "a.wav" in out and "taken in" in out and "refused" in out and "no such file" in out.replace("\n", " ")
    )


def test_nothing_to_do_is_a_mistake_of_use(run: Any, tmp_path: Path) -> None:
    code, _, err = run(tmp_path)
    assert code == 2 and "Name a file or a folder" in err.replace("\n", " ")


def test_two_files_of_one_name_and_other_sound_are_two(house: Organisation, run: Any, tmp_path: Path) -> None:
    for place in ("x", "y"):
        (tmp_path / place).mkdir()
    (tmp_path / "x" / "rec.wav").write_bytes(wav(200.0, seconds=1.0))
    (tmp_path / "y" / "rec.wav").write_bytes(wav(201.0, seconds=1.0))
    assert json.loads(run(tmp_path, "--json")[1])["created"] == 2


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"agent_channel": 7}, "agent_channel"),
        ({"words": "hello"}, "list of objects"),
        ({"words": [{"text": "x", "emotion": "angry"}]}, "speaker, text, start and end"),
        ({"words": [{"text": "x", "speaker": "boss"}]}, "agent or customer"),
        ({"words": [{"text": "x", "start": "soon"}]}, "timed in seconds"),
    ],
)
def test_metadata_that_is_wrong(house: Organisation, metadata: dict[str, Any], says: str) -> None:
    from plainspoken.conversations.arrival import ArrivalRefused

    with pytest.raises(ArrivalRefused, match=says):
        services.import_sound(
            organisation=house.id, sound=io.BytesIO(wav(seconds=1.0)), metadata=metadata, by=ME
        )


@pytest.mark.parametrize(
    ("table", "says"),
    [("name,queue\na.wav,x\n", "no column filename"), ("filename\n\xff\xfe", "names this file")],
)
def test_tables_that_are_wrong(house: Organisation, run: Any, tmp_path: Path, table: str, says: str) -> None:
    (tmp_path / "a.wav").write_bytes(wav(seconds=1.0))
    (tmp_path / "metadata.csv").write_text(table)
    answer = json.loads(run(tmp_path, "--json")[1])
    assert answer["created"] == 1 and any(says in one["reason"] for one in answer["files"])
