"""What no template and no script of ours may contain, and what every page must."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from plainspoken.ui import navigation

from . import gallery
from .examples import every_page

TEMPLATES = sorted(p for p in gallery.PACKAGE.glob("*/templates/**/*.html"))
SCRIPTS = sorted((gallery.STATIC / "ui" / "js").glob("*.js"))
NAMES = sorted(every_page())


class Reader(HTMLParser):
    """Collects what a content security policy would refuse, the text people read, and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.refused.append(tag)
        if (given.get("href") or "").startswith("javascript:"):
            self.refused.append(f"{tag} javascript:")
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "a":
            self.links.append(given)
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "svg"} & set(self.inside) and data.strip():
            self.words.append(" ".join(data.split()))


def read(name: str) -> Reader:
    reader = Reader()
    template, context = every_page()[name]
    reader.feed(gallery.render(template, context))
    return reader


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(gallery.PACKAGE)))
def test_no_inline_style_or_script_in_a_template(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", source)
    assert "<style" not in source
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert "|safe" not in source


@pytest.mark.parametrize("name", NAMES)
def test_rendered_pages_carry_nothing_that_the_policy_refuses(name: str) -> None:
    assert read(name).refused == []


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique(name: str) -> None:
    ids = read(name).ids
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("name", NAMES)
def test_words_are_plain(name: str) -> None:
    text = " ".join(read(name).words)
    assert "!" not in text
    for word in ("please", "successfully", "oops", "invalid input"):
        assert word not in text.lower(), word


@pytest.mark.parametrize("name", NAMES)
def test_links_that_lead_away_are_marked(name: str) -> None:
    html = gallery.render(*every_page()[name])
    for link in re.findall(r"<a[^>]*href=\"https?://[^>]*>.*?</a>", html, re.S):
        assert "(leaves this site)" in link and 'rel="noopener noreferrer"' in link


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_one_first_heading_and_a_skip_link(name: str) -> None:
    html = gallery.render(*every_page()[name])
    assert len(re.findall(r"<h1\b", html)) == 1
    assert 'id="main"' in html
    if name != "500":
        assert 'class="pn-skip" href="#main"' in html


def test_forms_that_post_carry_the_token() -> None:
    for path in TEMPLATES:
        source = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", source, re.S):
            assert "{% csrf_token %}" in form, path


def test_every_template_says_what_it_is_given() -> None:
    for path in TEMPLATES:
        source = path.read_text(encoding="utf-8")
        if path.name.startswith("_") or path.parent.name in {
            "ui",
            "people",
            "rights",
            "custody",
            "portal",
            "policies",
        }:
            if path.name == "document.html":
                continue
            assert "{# context" in source, path


def test_icons_that_templates_and_navigation_name_are_in_the_sprite(built: None) -> None:
    there = set(re.findall(r'<symbol id="([^"]+)"', (gallery.STATIC / "vendor" / "icons.svg").read_text()))
    entries = [
        e for sections in navigation.NAVIGATION.values() for section in sections for e in section.entries
    ]
    assert {entry.icon for entry in entries} - there == set()
    for name in NAMES:
        html = gallery.render(*every_page()[name])
        assert set(re.findall(r"icons\.svg#([a-z0-9-]+)", html)) - there == set(), name


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_evaluate_nothing_and_write_no_markup(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for forbidden in (
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "http",
    ):
        if forbidden == "http":
            assert not re.search(r"https?://", source)
        else:
            assert forbidden not in source, forbidden


def test_what_is_kept_on_the_device_is_the_theme_and_the_keys_only() -> None:
    stored = set()
    for path in SCRIPTS:
        source = path.read_text(encoding="utf-8")
        stored |= set(re.findall(r'"(plainspoken\.[a-z]+)"', source))
        assert (
            "sessionStorage" not in source and "document.cookie" not in source and "indexedDB" not in source
        )
    assert stored == {"plainspoken.theme", "plainspoken.letters"}


def test_colours_stand_in_the_tokens_only() -> None:
    css = (gallery.STATIC / "ui" / "plainspoken.css").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", css, flags=re.S)
    declarations = re.findall(r"[:\s,(](#[0-9a-fA-F]{3,8})\b(?=[^{]*})", bare)
    assert declarations == []
    assert "rgb(" not in bare and "hsl(" not in bare
