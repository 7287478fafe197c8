"""One real call, heard by the real recogniser: what its script says was said, and who said it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from plainspoken.config.speech import ensure_model
from plainspoken.conversations import services as conversations
from plainspoken.conversations.ports import Wanted
from plainspoken.conversations.tests.makers import ME, arrived, loudness, written
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.sound import read
from plainspoken.transcripts import queries
from plainspoken.transcripts.models import Turn

CALL = Path(__file__).parents[2] / "demo" / "sound" / "03-wrong-lamp.opus"


@pytest.fixture
def call(house: Organisation) -> "conversations.Conversation":  # type: ignore[name-defined]
    ensure_model()
    with override_settings(
        PORTS={**settings.PORTS, "recogniser": "plainspoken.adapters.speech.whisper.recogniser"}
    ):
        row = arrived(
            house,
            sound=CALL,
            agent_name="Lukas Brandt",
            agent_email="lukas.brandt@larkfield.example",
            customer_name="Maria Lopez",
            customer_email="maria.lopez@inbox.example",
            customer_account="C-30267",
        )
        assert written(house, row) == "ready"
    return row


def test_a_real_call_is_heard_redacted_found_and_silenced(house: Organisation, call: "object") -> None:
    with purpose("service.answer", organisation=house.id, by=ME):
        script = queries.script(call.id)  # type: ignore[attr-defined]
        sides = {
            role: " ".join(line.text for line in script.lines if line.position == position).lower()
            for position, role in enumerate(("agent", "customer"))
        }
        assert "welcome to larkfield" in sides["agent"] or "welcome to" in sides["agent"]
        assert "green lamp" in sides["customer"] and "red one" in sides["customer"]
        assert "lopez" not in str(script).lower() and "30267" not in re.sub(r"\D", "", sides["customer"])
        assert script.made_by.startswith("whisper-") and 0.3 < script.sure <= 1
        assert queries.search(Wanted(q='"green lamp"')).total == 1
        cuts = [
            (turn.channel, cut)
            for turn in Turn.objects.filter(transcript__conversation_id=call.id)  # type: ignore[attr-defined]
            for cut in turn.cuts
        ]
        playable = conversations.open_sound(conversation=call.id, subject=None, by=ME)  # type: ignore[attr-defined]
        sound = read(b"".join(playable.read(0, playable.size)), rate=16000)
    assert {cut["type"] for _, cut in cuts} >= {"PERSON"} and len(cuts) >= 3
    for channel, cut in cuts:
        assert loudness(sound.samples[channel], cut["start_s"], cut["end_s"], 16000) < 0.002
    said = [line for line in script.lines if line.position == 1 and line.pieces]
    assert said and all(
        piece["start_s"] <= piece["end_s"] <= sound.samples.shape[1] / 16000 + 1
        for line in said
        for piece in line.pieces
        if "word" in piece
    )
