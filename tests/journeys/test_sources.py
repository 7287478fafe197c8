"""The administrator sets up a folder, sees calls come in, finds what was not recorded, and says what is kept."""

import io
from pathlib import Path

import numpy as np
import pytest

from plainspoken.kernels.sound import write_wav

from .centre import Centre, until
from .conftest import Open

CALLS = "call_id,started_at,duration,queue\nj1,2026-01-05T09:00:00+01:00,3,Returns\nj9,2026-01-05T10:00:00+01:00,40,Orders\n"


def wav(hertz: float) -> bytes:
    """Three seconds of two tones."""
    at = np.arange(24_000) / 8_000
    out = io.BytesIO()
    tones = np.stack([0.5 * np.sin(2 * np.pi * h * at) for h in (hertz, hertz + 90)]).astype(np.float32)
    write_wav(out, [tones], rate=8_000, channels=2)
    return out.getvalue()


@pytest.fixture(scope="module")
def incoming(centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the centre lets be watched: below `incoming` of its own data folder."""
    folder = tmp_path_factory.getbasetemp() / "centre0" / "incoming" / "recorder"
    assert (folder.parents[1] / "service.json").is_file() and centre.url
    folder.mkdir(parents=True)
    return folder


def test_a_folder_brings_calls_and_a_broken_one_says_what_to_do(enter: Open, incoming: Path) -> None:
    tab = enter("administrator")
    page = tab.open("/sources/")
    assert "No sources yet." in tab.text()
    tab.shot("sources-empty")
    page.get_by_text("Watch a folder", exact=True).first.click()
    page.get_by_label("Name").first.fill("Recorder in Frankfurt")
    page.get_by_label("Folder").fill(str(incoming))
    # Long enough for a sound and its facts, which are written one after the other, to be taken as one.
    page.get_by_label("Seconds until a file is whole").fill("1")
    page.get_by_role("button", name="Watch the folder").click()
    page.wait_for_selector("text=Recorder in Frankfurt")
    (incoming / "j1.wav").write_bytes(wav(210.0))
    (incoming / "j1.json").write_text('{"source_id": "j1", "queue": "Returns"}')
    (incoming / "broken.wav").write_bytes(b"RIFF0000WAVE")

    def seen() -> bool:
        tab.open("/sources/")
        said = tab.text()
        return all(one in said for one in ("1 taken in", "1 refused", "The sound is broken", "Works"))

    # The folder may be read between the two files, and a file is counted before it is moved.
    until(seen, seconds=60, what="the call to be taken in and the broken file to be refused")
    reason = incoming / "refused" / "broken.wav.reason.txt"
    until((incoming / "done" / "j1.wav").is_file, what="the call to be moved")
    until(
        lambda: reason.is_file() and "[sound-unreadable]" in reason.read_text(), what="the reason beside it"
    )
    assert tab.audit() == []
    tab.shot("sources")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_selector("text=Paused")


def test_what_was_not_recorded_is_found_and_shown_everywhere(enter: Open, tmp_path: Path) -> None:
    tab = enter("administrator")
    page = tab.open("/sources/calls/")
    table = tmp_path / "calls.csv"
    table.write_text(CALLS)
    page.get_by_label("Table").set_input_files(str(table))
    page.get_by_role("button", name="Compare").click()
    page.wait_for_selector("text=2 calls are new")
    assert "1 recording needs somebody" in tab.text() and "Not recorded" in tab.text()
    assert tab.audit() == []
    tab.shot("sources-calls")
    assert "recording needs somebody" in tab.open("/sources/").inner_text("main")
    narrow = enter("administrator", narrow=True)
    narrow.open("/sources/calls/")
    assert narrow.fits()
    narrow.shot("sources-calls-390")
    page = tab.open("/sources/calls/")
    page.get_by_role("button", name="I have looked at these").click()
    page.wait_for_selector("h1:has-text('Calls compared')")


def test_rules_are_said_in_sentences(enter: Open) -> None:
    tab = enter("administrator")
    page = tab.open("/sources/keeping/")
    page.get_by_label("Name").fill("A tenth of the rest")
    page.get_by_label("It does").select_option("sample")
    page.get_by_label("Share that is kept").fill("10")
    page.get_by_label("How long the rest stays").fill("P30D")
    page.get_by_role("button", name="Add the rule").click()
    page.wait_for_selector("text=Of all other conversations, 10 % stay.")
    assert tab.audit() == []
    tab.shot("sources-keeping")
    page.get_by_role("button", name="End").click()
    page.wait_for_selector("text=No rules yet.")
    for path in ("/sources/", "/sources/keeping/"):
        for narrow in (True, False):
            other = enter("administrator", narrow=narrow, dark=True)
            other.open(path)
            assert other.fits(), path
            other.shot(
                f"sources{path.removeprefix('/sources').strip('/') and '-keeping'}-dark{'-390' if narrow else ''}"
            )


def test_nobody_else_opens_them(enter: Open) -> None:
    for role in ("agent", "supervisor", "privacy_officer"):
        enter(role).refused("/sources/")
