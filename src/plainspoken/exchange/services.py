"""Bringing conversations in: single files, folders, vCons. One that is refused never stops the others."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from plainspoken.conversations.arrival import ArrivalRefused, Utterance
from plainspoken.conversations.queries import reference
from plainspoken.conversations.services import Arrival, arrive
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose

from . import chats, origins, vcon

UPLOAD, FOLDER, VCON = "conversation.upload", "conversation.folder", "conversation.vcon"
SOUNDS = frozenset(
    [
        ".wav",
        ".wave",
        ".mp3",
        ".ogg",
        ".oga",
        ".opus",
        ".flac",
        ".m4a",
        ".mp4",
        ".webm",
        ".mka",
        ".au",
        ".aiff",
        ".aif",
        ".amr",
        ".gsm",
    ]
)
TABLE = "metadata.csv"
LARGEST_METADATA = 1 << 20
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Item:
    """One conversation found on a disk: its sound or vCon, and the facts beside it. `wrong`: why it
    cannot be read.
    """

    path: Path
    facts: Mapping[str, Any]
    kind: str = "sound"
    wrong: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one file. `status`: created, known (it was here already) or refused, then
    `reason` says why.
    """

    path: str
    status: str
    conversation: str = ""
    reference: str = ""
    code: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()


# ---- vCon ----


def import_vcon(
    *, organisation: UUID, data: bytes, by: Actor, bulk: bool = False
) -> tuple[Arrival, tuple[str, ...]]:
    """Take in one vCon; returns the arrival and codes of what was not taken. Raises ArrivalRefused;
    nothing is left.
    """
    read = vcon.read(data)
    try:
        # What came with it is kept in the same transaction: none is ever here without what allows it.
        with purpose("ingest.write", organisation=organisation, by=by):
            done = arrive(
                organisation=organisation,
                point=VCON,
                facts=read.facts,
                people=read.people,
                words=read.words or None,
                media=BytesIO(read.sound) if read.sound is not None else None,
                kind=read.kind,
                by=by,
                bulk=bulk,
            )
            origins.keep(done.conversation, basis=read.basis)
    except ArrivalRefused as error:
        if (error.code, error.field) != ("missing", "source_id"):
            raise
        said = "This vCon has no uuid, and the published policy needs one. Add it and send again."
        raise ArrivalRefused("missing", said, field="uuid") from error
    return done, read.notes


# ---- sound with facts beside it ----


def import_sound(
    *,
    organisation: UUID,
    sound: Path | BinaryIO | None,
    metadata: Mapping[str, Any],
    by: Actor,
    point: str = UPLOAD,
    bulk: bool = False,
) -> Arrival:
    """Take in one sound, or words alone, with its facts. Whether it needs a source id is for the policy
    to say (collect.points); without one, equal content is the same conversation. Raises ArrivalRefused.
    """
    facts = dict(metadata)
    channel = facts.pop("agent_channel", 0)
    if isinstance(channel, bool) or channel not in (0, 1):
        raise ArrivalRefused(
            "wrong", "The agent_channel must be 0 or 1. Correct it and send again.", field="agent_channel"
        )
    words = _words(facts.pop("words", None))
    return arrive(
        organisation=organisation,
        point=point,
        facts=facts,
        media=sound,
        words=words,
        agent_channel=channel,
        by=by,
        bulk=bulk,
    )


def _words(value: object) -> list[Utterance] | None:
    """Words as metadata have them: a list of {speaker, text, start, end}."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ArrivalRefused(
            "wrong", "The words must be a list of objects with speaker and text.", field="words"
        )
    found = []
    for item in value:
        stray = sorted(set(item) - {"speaker", "text", "start", "end"})
        if stray or not isinstance(item.get("text"), str):
            raise ArrivalRefused(
                "wrong",
                "Each of the words takes speaker, text, start and end, and needs a text.",
                field="words",
            )
        speaker = item.get("speaker")
        if speaker not in ("agent", "customer", None):
            raise ArrivalRefused("wrong", "A speaker of the words is agent or customer.", field="words")
        found.append(
            Utterance(item["text"], speaker=speaker, start_s=item.get("start"), end_s=item.get("end"))
        )
    return found


# ---- files and folders ----


def found(paths: Sequence[Path]) -> Iterator[Item]:
    """Every conversation in the files and folders named, in order, with the facts beside each."""
    for path in paths:
        if path.is_dir():
            yield from in_folder(path)
        else:
            yield _item(path, _rows(path.parent))


def files_of(folder: Path, *, without: Sequence[str] = ()) -> list[Path]:
    """Files below a folder in order; hidden ones, and the folders in `without`, are left alone."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not _hidden(path, folder) and path.relative_to(folder).parts[0] not in without
    )


def in_folder(folder: Path, *, without: Sequence[str] = ()) -> Iterator[Item]:
    """Every conversation below a folder but mails."""
    taken: set[Path] = set()
    tables: dict[Path, dict[str, dict[str, Any]]] = {}
    files = files_of(folder, without=without)
    sounds = [p for p in files if p.suffix.lower() in SOUNDS]
    for path in sounds:
        taken.add(beside(path))
    for path in files:
        if path.name == TABLE:
            tables[path.parent] = _rows(path.parent)
            if "" in tables[path.parent]:
                yield Item(path, {}, wrong=tables[path.parent][""]["wrong"])
            for name in sorted(set(tables[path.parent]) - {""}):
                if not (path.parent / name).is_file():
                    yield Item(path.parent / name, {}, wrong=f"{TABLE} names this file, but it is not there.")
    for path in files:
        if path in sounds or path.suffix.lower() in (".json", ".vcon"):
            if path in taken and path not in sounds:
                continue
            yield _item(path, tables.get(path.parent, {}))


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def beside(sound: Path) -> Path:
    """The metadata file of a sound: the same name with the ending .json."""
    return sound.with_suffix(".json")


def _rows(folder: Path) -> dict[str, dict[str, Any]]:
    """Rows of a folder's metadata.csv by file name; under "" what is wrong with it."""
    path = folder / TABLE
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            if "filename" not in (reader.fieldnames or []):
                return {"": {"wrong": f"{TABLE} has no column filename. Add it."}}
            rows: dict[str, dict[str, Any]] = {}
            for number, row in enumerate(reader):
                if number >= MOST_ROWS:
                    return {"": {"wrong": f"{TABLE} has more than {MOST_ROWS} rows. Split the folder."}}
                if name := (row.get("filename") or "").strip():
                    rows[name] = {
                        key: _cell(key, value) for key, value in row.items() if key != "filename" and value
                    }
            return rows
    except (UnicodeDecodeError, csv.Error):
        return {"": {"wrong": f"{TABLE} is no table in UTF-8. Write it again."}}


def _cell(key: str | None, value: Any) -> Any:
    if key in ("duration", "agent_channel") and isinstance(value, str):
        try:
            return int(value) if key == "agent_channel" else float(value)
        except ValueError:
            return value
    return value


def _item(path: Path, rows: Mapping[str, Mapping[str, Any]]) -> Item:
    if not path.is_file():
        return Item(path, {}, wrong="There is no such file. Check its name.")
    if path.suffix.lower() == ".vcon":
        return Item(path, {}, kind="vcon")
    if path.suffix.lower() == ".json":
        return _json_item(path)
    facts = dict(rows.get(path.name, {}))
    own = beside(path)
    if own.is_file():
        read = _metadata(own)
        if isinstance(read, str):
            return Item(path, {}, wrong=read)
        facts |= read
    return Item(path, facts)


def _json_item(path: Path) -> Item:
    """A JSON file by itself: a vCon, or facts with words."""
    if path.name.lower().endswith(".vcon.json"):
        return Item(path, {}, kind="vcon")
    if path.stat().st_size > LARGEST_METADATA:
        return Item(path, {}, kind="vcon")
    read = _metadata(path)
    if isinstance(read, str):
        return Item(path, {}, kind="vcon")
    if {"parties", "dialog", "vcon", "payload", "ciphertext"} & set(read):
        return Item(path, {}, kind="vcon")
    if "words" in read:
        return Item(path, read, kind="words")
    if "messages" in read:
        try:
            return Item(path, chats.facts(read), kind="words")
        except ArrivalRefused as error:
            return Item(path, {}, wrong=error.sentence)
    return Item(path, {}, wrong="There is no sound beside these facts, and no words in them.")


def _metadata(path: Path) -> dict[str, Any] | str:
    """The facts of a JSON file, or what is wrong with it."""
    if path.stat().st_size > LARGEST_METADATA:
        return f"{path.name} has more than {LARGEST_METADATA >> 20} MB. Facts are short."
    try:
        read = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        return f"{path.name} is not JSON in UTF-8. Write it again."
    return read if isinstance(read, dict) else f"{path.name} must be a JSON object with facts."


def ingest(item: Item, *, organisation: UUID, by: Actor, point: str = UPLOAD, bulk: bool = True) -> Result:
    """Take in one item. Never raises for what is wrong with the file itself. `bulk`: what people wait for
    comes first.
    """
    path = str(item.path)
    if item.wrong:
        return Result(path, "refused", code="unreadable", reason=item.wrong)
    notes: tuple[str, ...] = ()
    try:
        if item.kind == "vcon":
            if item.path.stat().st_size > vcon.LARGEST:
                vcon.refuse(f"This vCon has more than {vcon.LARGEST >> 20} MB. Send the sound beside it.")
            done, notes = import_vcon(
                organisation=organisation, data=item.path.read_bytes(), by=by, bulk=bulk
            )
        else:
            sound = item.path if item.kind == "sound" else None
            done = import_sound(
                organisation=organisation, sound=sound, metadata=item.facts, by=by, point=point, bulk=bulk
            )
    except ArrivalRefused as error:
        return Result(path, "refused", code=error.code, reason=error.sentence)
    except OSError as error:
        return Result(
            path, "refused", code="unreadable", reason=f"The file cannot be read: {error.strerror}."
        )
    key = done.conversation.id
    status = "created" if done.created else "known"
    return Result(path, status, conversation=str(key), reference=reference(key), notes=notes)
