"""Markdown of a clause: checked at compile time, rendered to safe HTML later.

Safe means: no HTML passes through, no picture is fetched, links go to http, https, mailto or a place in the
same notice, and a link that leaves the notice carries ``rel`` and a class so that it can be marked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from plainspoken.kernels.policy.shapes import is_web_address

SENTENCE_END = re.compile(r"[.!?…][”’\")\]]*(?=\s|$)")
ABBREVIATIONS = frozenset({"e.g", "i.e", "art", "no", "nr", "z.b", "d.h", "etc", "st", "approx", "vs", "cf"})
MAIL_LINK = re.compile(r"mailto:[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+", re.ASCII)
LINK_FORMS = ("https://…", "http://…", "mailto:name@domain", "#clause.id")


@dataclass(frozen=True)
class LinkFound:
    """A link in a text, with the place of its paragraph among the text's lines (from 0)."""

    address: str
    place: int


@dataclass(frozen=True)
class Reading:
    """What a check of a Markdown text found."""

    links: tuple[LinkFound, ...]
    pictures: tuple[int, ...]
    headings: tuple[int, ...]
    first_paragraph: str


def is_safe_link(address: str) -> bool:
    """True for http, https and mailto addresses and for places in the notice."""
    return address.startswith("#") or is_web_address(address) or bool(MAIL_LINK.fullmatch(address))


def read_markdown(text: str) -> Reading:
    """What stands in a text: links, pictures, headings (neither of the last is allowed) and the first
    paragraph.
    """
    tokens = _checker().parse(text)
    placed = list(_placed(tokens))
    return Reading(
        links=tuple(
            LinkFound(str(child.attrGet("href") or ""), place)
            for child, place in placed
            if child.type == "link_open"
        ),
        pictures=tuple(place for child, place in placed if child.type == "image"),
        headings=tuple(token.map[0] for token in tokens if token.type == "heading_open" and token.map),
        first_paragraph=_first_paragraph(tokens),
    )


def _placed(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Each piece of inline text with its line, counted by the line breaks before it."""
    for token in tokens:
        place = token.map[0] if token.map else 0
        for child in token.children or ():
            yield child, place
            place += child.type in {"softbreak", "hardbreak"}


def _first_paragraph(tokens: Sequence[Token]) -> str:
    for token in tokens:
        if token.type == "inline":
            return " ".join("".join(_words(token.children or ())).split())
    return ""


def _words(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        yield " " if child.type in {"softbreak", "hardbreak"} else child.content


def first_sentence(paragraph: str) -> str:
    """The first sentence of plain text. A full stop after an abbreviation or a single letter does not end
    one.
    """
    for end in SENTENCE_END.finditer(paragraph):
        before = paragraph[: end.start()].rpartition(" ")[2].lstrip('(“"')
        if before.casefold() not in ABBREVIATIONS and not re.fullmatch(r"(?:\w\.)*[^\W\d_]", before):
            return paragraph[: end.end()]
    return paragraph


def render(text: str) -> str:
    """Safe HTML of a Markdown text."""
    return str(_renderer().render(text))


@cache
def _checker() -> MarkdownIt:
    parser = _parser()
    # Let every address through, so that a bad one is found and named instead of silently shown as text.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


@cache
def _renderer() -> MarkdownIt:
    parser = _parser().disable(["image", "heading", "lheading"])
    parser.validateLink = is_safe_link  # type: ignore[method-assign, assignment]
    parser.add_render_rule("link_open", _link_open)
    return parser


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).enable("table")


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    if is_web_address(str(token.attrGet("href") or "")):
        token.attrSet("rel", "external noopener noreferrer")
        token.attrJoin("class", "external")
    return str(renderer.renderToken(tokens, place, options, env))
