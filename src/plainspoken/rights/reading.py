"""The page in a person's copy: works offline, lists everything, and says beside each masked item why it is
masked.
"""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plainspoken.custody.models import Subject
from plainspoken.custody.places import Copied
from plainspoken.kernels.policy import Policy
from plainspoken.kernels.policy import html as clause_html

from .copies import PlaceCopy, about, plain

STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #e6e3dc); --soft: light-dark(#5b6067, #a9a69f);
  --paper: light-dark(#fbfaf7, #16181b); --line: light-dark(#d9d5cc, #3a3d42);
  --mark: light-dark(#0f5c63, #6cc1c8); }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1, h2, h3 { font-family: Georgia, serif; line-height: 1.25; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
a { color: var(--mark); }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem; margin: .75rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.row { border: 1px solid var(--line); border-radius: 5px; padding: .25rem 1rem; margin: .75rem 0; }
.why { color: var(--soft); font-size: 14px; } .masked dd { font-style: italic; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
""".lstrip()

SAFE_TYPES = ("audio/", "text/", "application/json")


@dataclass(frozen=True)
class Head:
    """What the page says at its top."""

    organisation: str
    reference: str
    made_at: datetime
    rows: int
    places: int
    masked: int


def page_chunks(
    copies: Iterable[PlaceCopy],
    head: Head,
    *,
    policy: Policy,
    kind: Subject.Kind,
    files: tuple[str, ...],
    others: Iterable[str],
) -> Iterator[bytes]:
    """index.html, in pieces. Whatever comes from data is escaped; there is no script and no inline style."""
    yield _top(head, others).encode()
    listed = list(copies)
    for copy in listed:
        if copy.rows:
            yield f'<li><a href="#{copy.place.key}">{_e(copy.place.title)}</a>, {copy.rows}</li>\n'.encode()
    yield b"</ul></nav>\n<main>\n"
    for copy in listed:
        if not copy.rows:
            continue
        yield _place_top(copy, policy, kind).encode()
        for row in copy.copied():
            yield _row(copy, row, files).encode()
        yield b"</section>\n"
    empty = [copy.place.title for copy in listed if not copy.rows]
    yield _empty(empty).encode()
    yield _rights(policy).encode()
    yield b"</main>\n</body>\n</html>\n"


def _top(head: Head, others: Iterable[str]) -> str:
    made = f"{head.made_at.day} {head.made_at:%B %Y, %H:%M}"
    masked = f" In {head.masked} of them something about other people is masked." if head.masked else ""
    links = "".join(f'<li><a href="{_e(name)}">{_e(name)}</a></li>' for name in others)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Your data at {_e(head.organisation)}</title>\n"
        '<link rel="stylesheet" href="style.css">\n</head>\n<body>\n'
        f"<h1>Your data at {_e(head.organisation)}</h1>\n"
        f"<p>This is a copy of everything we hold about you, made on {made} for your request"
        f" {_e(head.reference)}. "
        f"It has {head.rows} items from {head.places} places.{masked}</p>\n"
        f"<p>The same data for programs:</p><ul>{links}</ul>\n"
        '<nav aria-label="Places"><h2>What is here</h2><ul>\n'
    )


def _place_top(copy: PlaceCopy, policy: Policy, kind: Subject.Kind) -> str:
    found = about(copy.place, policy=policy, kind=kind)
    facts = (
        ("Where it came from", found.source),
        ("What we use it for", "; ".join(found.purposes)),
        ("On which ground", "; ".join(found.grounds)),
        ("How long we keep it", found.retention),
        ("Who may receive it", "; ".join(found.recipients)),
    )
    listed = "".join(f"<dt>{_e(term)}</dt><dd>{_e(text)}</dd>" for term, text in facts if text)
    return (
        f'<section id="{copy.place.key}" aria-labelledby="h-{copy.place.key}">'
        f'<h2 id="h-{copy.place.key}">{_e(copy.place.title)}</h2>\n<dl class="why">{listed}</dl>\n'
    )


def _row(copy: PlaceCopy, row: Copied, files: tuple[str, ...]) -> str:
    values = "".join(
        f"<dt>{_e(name.replace('_', ' '))}</dt><dd>{_e(_text(value))}</dd>"
        for name, value in row.values.items()
        if value not in (None, "", [], {})
    )
    masked = "".join(
        f'<div class="masked"><dt>{_e(name.replace("_", " "))}</dt><dd>masked: {_e(reason)}</dd></div>'
        for name, reason in row.masked.items()
    )
    attached = "".join(
        f'<li><a href="{_e(copy.file_name(row, n, one))}">{_e(one.name)}</a></li>'
        for n, one in enumerate(row.files)
        if one.media_type.startswith(files)
    )
    return (
        f'<article class="row"><dl>{values}{masked}</dl>'
        + (f"<ul>{attached}</ul>" if attached else "")
        + "</article>\n"
    )


def _text(value: Any) -> str:
    found = plain(value)
    if isinstance(found, list) and all(isinstance(item, str | int | float) for item in found):
        return ", ".join(str(item) for item in found)
    if isinstance(found, list | dict):
        import json

        return json.dumps(found, ensure_ascii=False, indent=1)
    return {True: "yes", False: "no"}.get(found, str(found)) if isinstance(found, bool) else str(found)


def _empty(titles: list[str]) -> str:
    if not titles:
        return ""
    return f"<section><h2>Where we looked and found nothing</h2><p>{_e(', '.join(titles))}.</p></section>\n"


def _rights(policy: Policy) -> str:
    """What else the person can ask (GDPR Art. 15(1)(e) and (f)), from the policy itself."""
    parts = "".join(
        f"<h3>{_e(policy.clause(name).title)}</h3>{clause_html(policy.clause(name), policy=policy)}"
        for name in ("right.correct", "right.erase", "right.restrict", "right.object", "right.complain")
    )
    return f"<section><h2>What you can ask next</h2>{parts}</section>\n"


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def readme(head: Head, *, formats: tuple[str, ...]) -> bytes:
    """README.txt: what the files are and how to check them."""
    known = {
        "html": "index.html         everything, to read in a browser, without a network",
        "json": "data.json          everything, for programs: one row a line",
        "csv": "tables/*.csv       one table a place, for spreadsheets",
        "sound": "*/*.ogg, *.wav     the sound of conversations",
        "words": "*/*.txt            the words of conversations",
    }
    lines = [
        f"Your data at {head.organisation}, request {head.reference}",
        "",
        *(known[name] for name in known if name in formats),
        "manifest.json      every file with its SHA-256, and our signature over the list",
        "",
        "In tables, a text that a spreadsheet would run as a formula has an apostrophe before it.",
        "data.json has every value exactly as we hold it.",
        "",
        'To check the signature: write "signed" of manifest.json as JSON with sorted keys and no spaces, and',
        'verify "signature" (Ed25519, hexadecimal) over it with "public_key".',
        "",
    ]
    return "\n".join(lines).encode()
