"""Proofs about the notice itself: layers, versions, controller."""

import re
from html import unescape
from typing import Any

from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.world import World

TAGS = re.compile(r"<[^>]+>")
IDS = re.compile(r'\bid="([^"]+)"')
LINKS = re.compile(r'href="#([^"]+)"')
FULL = re.compile(r'<section id="([^"]+)" class="pn-clause-full">(.*?)</section>', re.DOTALL)
ABOUT = re.compile(r'<dl class="pn-who-dl">(.*?)</dl>', re.DOTALL)
LAYERS = re.compile(r'<details class="pn-layer"[^>]*>')


def clauses(world: World) -> list[dict[str, Any]]:
    """The clauses of the policy in force, with the fields of their rules, from the API."""
    with world.api("officer") as api:
        answered = api.get("/policy")
    answered.raise_for_status()
    return list(answered.json()["clauses"])


def rule(world: World, clause: str) -> dict[str, Any]:
    """The fields of a clause's rule as published."""
    return dict(next(c for c in clauses(world) if c["id"] == clause)["fields"])


def source(world: World) -> str:
    """The text of the policy in force."""
    return world.cli("policy", "show", "--source", "--organisation", world.slug).out


def notice(world: World, **query: str) -> str:
    """The public notice as HTML."""
    with world.visitor() as visitor:
        answered = visitor.get(f"/notice/{world.slug}/", params=query)
        answered.raise_for_status()
        return answered.text


def words(html: str) -> str:
    """The text of a page, white space folded."""
    return " ".join(unescape(TAGS.sub(" ", html)).split())


@proves("notice.layered")
def layered(world: World, proof: Proof) -> None:
    """Fetches the public page; looks for every clause as an anchor, a summary before each section, and its state."""
    html, known = notice(world), [c["id"] for c in clauses(world)]
    proof.see(known, f"The policy in force has {len(known)} clauses")
    anchors = set(IDS.findall(html))
    missing = [c for c in known if c not in anchors]
    proof.see(
        not missing,
        "Each clause has an address of its own on the notice",
        f"No address on the notice: {', '.join(missing[:5])}",
    )
    full = {clause: words(text) for clause, text in FULL.findall(html)}
    empty = [c["id"] for c in clauses(world) if words(c["text"])[:40] not in full.get(c["id"], "")]
    proof.see(
        not empty,
        "The full text of each clause stands at its address",
        f"No text at the address of {', '.join(empty[:5])}",
    )
    layers = LAYERS.findall(html)
    targets = set(LINKS.findall(html))
    sections = [m.group(1) for tag in layers if (m := IDS.search(tag))]
    proof.see(
        sections and set(sections) <= targets,
        f"The table of contents leads to each of the {len(sections)} sections",
    )
    field = rule(world, "notice.layered")
    opened = sum(" open" in tag for tag in layers)
    wanted = len(layers) if field["sections_start"] == "open" else 0
    proof.see(
        opened == wanted,
        f"Sections start {field['sections_start']}, as promised",
        f"{opened} sections start open",
    )
    summaries = [words(s) for s in re.findall(r'<span class="pn-layer-s">(.*?)</span>', html, re.DOTALL)]
    proof.see(
        len(summaries) == len(sections) and all(summaries),
        "Each section shows a summary before it opens",
        "A section shows no summary",
    )
    longest = max((len(s.split()) for s in summaries), default=0)
    most = field["summary_words_at_most"]
    proof.see(longest <= most, f"The longest summary has {longest} words of at most {most}")


@proves("notice.controller")
def controller(world: World, proof: Proof) -> None:
    """Reads the public page; looks for each promised field of the controller block, with the value of the source."""
    block = ABOUT.search(notice(world))
    proof.see(block, "The notice says in a place of its own who is responsible")
    text = words(block.group(1)) if block else ""
    front = source(world).split("\n---", 1)[0]
    wanted = rule(world, "notice.controller")["shows"]
    proof.see(wanted, f"The policy promises {len(wanted)} facts about the controller")
    for field in wanted:
        value = re.search(rf"^\s+{field}:\s*(.+)$", front, re.MULTILINE)
        proof.see(value, f"The source names {field}")
        said = value.group(1).strip().strip("'\"") if value else ""
        proof.see(said and said in text, f"The notice shows {field}", f"The notice lacks {field}")
    without = re.sub(r"^(\s+)privacy_contact:.*\n", "", source(world), count=1, flags=re.MULTILINE)
    path = world.folder / "no-contact.md"
    path.write_text(without, "utf-8")
    answered = world.cli("policy", "check", str(path))
    proof.see(
        answered.code == 1 and "privacy_contact" in answered.err,
        "A policy without its privacy contact does not compile",
    )


@proves("notice.version")
def version(world: World, proof: Proof) -> None:
    """Publishes a version between two collections; compares what each recorded; tries a material change without notice."""
    before = _collect(world)
    first = source(world)
    label = re.search(r"^version:\s*(.+)$", first, re.MULTILINE)
    proof.see(label, "The notice in force has a version")
    changed = first.replace("### Where this notice holds", "### Where our notice holds", 1)
    proof.see(changed != first, "A new wording is ready")
    path = world.folder / "next.md"
    path.write_text(changed, "utf-8")
    published = world.cli("policy", "publish", str(path), "--organisation", world.slug, "--json")
    proof.see(
        published.code == 0, "The new wording is published", f"Publishing failed: {published.err[:200]}"
    )
    after = _collect(world)
    proof.see(
        before and after and after == before + 1,
        f"What was collected before says version {before}, what came after says {after}",
        f"Recorded versions are {before} and {after}",
    )
    with world.visitor() as visitor:
        page = visitor.get(f"/changes/{world.slug}/")
    proof.see(
        page.status_code == 200 and "notice.scope" in page.text,
        "The public page of changes names the clause that changed",
    )
    proof.see("Where our notice holds" in notice(world), "The notice shows the new wording at once")
    proof.see(
        "Where this notice holds" in notice(world, version=str(before)), "The old version can still be read"
    )
    material = re.sub(r"(conversation\.sound:\s*)\S+", r"\g<1>P9Y", changed, count=1)
    path.write_text(material, "utf-8")
    refused = world.cli("policy", "publish", str(path), "--organisation", world.slug, "--json")
    proof.see(
        material != changed and refused.code != 0,
        "A material change without notices is refused",
        "A material change was published without notices",
    )
    proof.see("P9Y" not in source(world), "The refused version is not in force")


def _collect(world: World) -> int | None:
    """Collect a conversation, and read under which version it stands."""
    from plainspoken.proofs.planting import chat, conversation_of

    planted = chat(world)
    seen = conversation_of(world, planted.id)
    return int(seen["policy_version"]) if seen else None
