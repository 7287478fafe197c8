"""The strict form of a vCon (draft-ietf-vcon-vcon-core): what we write must hold all of this.

The draft's own schema lets nearly anything pass. These rules say more where the text does: parties that exist,
content with its encoding, and nothing that leads to an address.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

KINDS = ("recording", "text", "transfer", "incomplete", "recording-set")
ENCODINGS = ("base64url", "json", "none")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}(\s*;\s*[\w.-]+=[\w.\"-]+)*\Z")
_WHOLE = {
    "uuid", "extensions", "critical", "created_at", "updated_at", "subject", "redacted", "amended", "parties", "dialog",
    "analysis", "attachments",
}  # fmt: skip
_PARTY = {
    "tel", "sip", "stir", "mailto", "name", "did", "validation", "gmlpos", "civicaddress", "uuid", "type", "org", "dept",
    "role",
}  # fmt: skip


class NotStrict(ValueError):
    """A vCon of ours is not as the draft wants it. `faults` names each place with what is wrong."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(f"This vCon is not valid: {faults[0]}. Nothing was written.")
        self.faults = faults


def check(whole: Mapping[str, Any]) -> None:
    """Raises NotStrict for anything that the strict form does not allow."""
    if found := tuple(faults(whole)):
        raise NotStrict(found)


def faults(whole: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong, each with its place."""
    yield from (f"{name} is no field of a vCon" for name in sorted(set(whole) - _WHOLE))
    if not _is_uuid(whole.get("uuid")):
        yield "uuid is no UUID"
    for name in ("created_at", "updated_at"):
        if (name == "created_at" or name in whole) and not _is_moment(whole.get(name)):
            yield f"{name} is no time of RFC 3339 with a zone"
    for name in ("extensions", "critical"):
        if not _all(whole.get(name, []), str):
            yield f"{name} is no list of texts"
    if set(whole.get("critical", ())) - set(whole.get("extensions", ())):
        yield "critical names an extension that is not declared"
    if "subject" in whole and not isinstance(whole["subject"], str):
        yield "subject is no text"
    for name in ("redacted", "amended"):
        if name in whole:
            yield from _prior(name, whole[name])
    for name in ("parties", "dialog", "analysis", "attachments"):
        if not _all(whole.get(name, []), dict):
            yield f"{name} is no list of objects"
            return
    parties, dialogs = len(whole.get("parties", ())), len(whole.get("dialog", ()))
    for n, party in enumerate(whole.get("parties", ())):
        yield from (f"parties[{n}].{key} is no field of a party" for key in sorted(set(party) - _PARTY))
        yield from (
            f"parties[{n}].{key} is no text"
            for key, value in party.items()
            if key != "civicaddress" and not isinstance(value, str)
        )
    for n, dialog in enumerate(whole.get("dialog", ())):
        yield from _dialog(f"dialog[{n}]", dialog, parties)
    for n, analysis in enumerate(whole.get("analysis", ())):
        yield from _analysis(f"analysis[{n}]", analysis, dialogs)
    for n, attachment in enumerate(whole.get("attachments", ())):
        yield from _attachment(f"attachments[{n}]", attachment, parties, dialogs)


def _prior(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{name} is no object"
        return
    if name == "redacted" and not isinstance(value.get("type"), str):
        yield "redacted.type is missing"
    if "uuid" in value and not _is_uuid(value["uuid"]):
        yield f"{name}.uuid is no UUID"
    if "url" in value:
        yield f"{name}.url leads out of the file"


def _dialog(where: str, dialog: Mapping[str, Any], parties: int) -> Iterator[str]:
    if dialog.get("type") not in KINDS:
        yield f"{where}.type is none of {', '.join(KINDS)}"
    if not _is_moment(dialog.get("start")):
        yield f"{where}.start is no time of RFC 3339 with a zone"
    lasts = dialog.get("duration", 0)
    if isinstance(lasts, bool) or not isinstance(lasts, int | float) or not 0 <= lasts < float("inf"):
        yield f"{where}.duration is no number of seconds from zero up"
    named = dialog.get("parties", [])
    for one in [named] if isinstance(named, int) else named:
        if not _is_index(one, parties):
            yield f"{where}.parties names {one}, which is not there"
    if "originator" in dialog and not _is_index(dialog["originator"], parties):
        yield f"{where}.originator names a party that is not there"
    yield from _content(where, dialog)


def _analysis(where: str, analysis: Mapping[str, Any], dialogs: int) -> Iterator[str]:
    for name in ("type", "vendor"):
        if not isinstance(analysis.get(name), str) or not analysis[name]:
            yield f"{where}.{name} is missing"
    named = analysis.get("dialog", [])
    for one in [named] if isinstance(named, int) else named:
        if not _is_index(one, dialogs):
            yield f"{where}.dialog names {one}, which is not there"
    yield from _content(where, analysis)


def _attachment(where: str, attachment: Mapping[str, Any], parties: int, dialogs: int) -> Iterator[str]:
    if not _is_moment(attachment.get("start")):
        yield f"{where}.start is no time of RFC 3339 with a zone"
    if not _is_index(attachment.get("party"), parties):
        yield f"{where}.party names a party that is not there"
    if not _is_index(attachment.get("dialog"), dialogs):
        yield f"{where}.dialog names a dialog that is not there"
    yield from _content(where, attachment)


def _content(where: str, holder: Mapping[str, Any]) -> Iterator[str]:
    """Content stands inside the file with its encoding, or not at all."""
    if "url" in holder:
        yield f"{where}.url leads out of the file"
    if "mediatype" in holder and not (
        isinstance(holder["mediatype"], str) and _MEDIA_TYPE.match(holder["mediatype"])
    ):
        yield f"{where}.mediatype is no media type"
    if "body" not in holder:
        if "encoding" in holder:
            yield f"{where}.encoding stands without a body"
        return
    encoding, body = holder.get("encoding"), holder["body"]
    if encoding not in ENCODINGS:
        yield f"{where}.encoding is none of {', '.join(ENCODINGS)}"
    elif encoding != "json" and not isinstance(body, str):
        yield f"{where}.body is no text"
    elif encoding == "base64url" and not _is_base64url(body):
        yield f"{where}.body is no base64url"


def _all(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _is_index(value: object, count: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_moment(value: object) -> bool:
    if not isinstance(value, str) or len(value) < 20:
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_base64url(text: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return False
    try:
        base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return False
    return True
