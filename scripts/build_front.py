#!/usr/bin/env python3
"""Collect the front-end packages into `src/plainspoken/ui/static/vendor/`.

`npm ci` puts the pinned packages into `node_modules/`. This script copies the few files that pages load,
leaves out of Tabler's style sheet every rule for a class that no template or script names, and draws the
icons in use into one sprite. The output depends only on its input, so two runs give the same bytes. It needs
nothing but Python.
"""

import argparse
import gzip
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
SOURCE = ROOT / "src" / "plainspoken"
VENDOR = SOURCE / "ui" / "static" / "vendor"
ICON_LIST = SOURCE / "ui" / "icons.txt"
CSS_BUDGET = 90_000  # bytes, gzipped, of all style sheets of a page together

FONTS = (
    "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2",
    "@fontsource-variable/source-serif-4/files/source-serif-4-latin-ext-wght-normal.woff2",
    "@fontsource-variable/public-sans/files/public-sans-latin-wght-normal.woff2",
    "@fontsource-variable/public-sans/files/public-sans-latin-ext-wght-normal.woff2",
    "@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2",
    "@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-ext-400-normal.woff2",
)
SCRIPTS = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "wavesurfer.js": "wavesurfer.js/dist/wavesurfer.esm.js",
}
LICENSED = (
    "@fontsource-variable/public-sans",
    "@fontsource-variable/source-serif-4",
    "@fontsource/ibm-plex-mono",
    "@tabler/core",
    "@tabler/icons",
    "htmx.org",
    "wavesurfer.js",
)
OWN_STYLES = ("fonts.css", "tokens.css", "plainspoken.css")

SOURCE_MAP = re.compile(r"(//[#@]\s*sourceMappingURL=\S*|/\*[#@]\s*sourceMappingURL=.*?\*/)")
CLASS_IN_SELECTOR = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
WORD = re.compile(r"-?[A-Za-z_][\w-]*")
ICON_IN_TEMPLATE = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']""")
ICON_IN_PYTHON = re.compile(r"""["']?icon["']?\s*[=:]\s*["']([a-z0-9-]+)["']""")


class Unbuildable(Exception):
    """One sentence: what is missing and what to do."""


@dataclass(frozen=True)
class Rule:
    """One statement of a style sheet: `head` before the brace, `body` inside it (None for `@charset …;`)."""

    head: str
    body: str | None


def read_package(path: str) -> str:
    """The text of one file of a package."""
    return package_file(path).read_text(encoding="utf-8")


def package_file(path: str) -> Path:
    """The place of one file of a package; raises Unbuildable when it is not there."""
    file = PACKAGES / path
    if not file.is_file():
        raise Unbuildable(f"{path} is not in node_modules; run `npm ci` first.")
    return file


def sources(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """Every template, script and module of ours with one of these suffixes, in a fixed order."""
    for file in sorted(SOURCE.rglob("*")):
        if (
            file.suffix in suffixes
            and VENDOR not in file.parents
            and not {"migrations", "tests"} & set(file.parts)
        ):
            yield file, file.read_text(encoding="utf-8")


# ---- style sheet ----


def parse(css: str) -> list[Rule]:
    """Split a style sheet without comments into its statements."""
    rules: list[Rule] = []
    start = position = 0
    while position < len(css):
        mark = css[position]
        if mark in "\"'":
            position = end_of_string(css, position)
        elif mark == ";":
            rules.append(Rule(css[start:position].strip(), None))
            start = position = position + 1
        elif mark == "{":
            end = end_of_block(css, position)
            rules.append(Rule(css[start:position].strip(), css[position + 1 : end]))
            start = position = end + 1
        else:
            position += 1
    return rules


def end_of_string(css: str, position: int) -> int:
    """The position after the string that starts at `position`."""
    quote = css[position]
    position += 1
    while css[position] != quote:
        position += 2 if css[position] == "\\" else 1
    return position + 1


def end_of_block(css: str, position: int) -> int:
    """The position of the brace that closes the one at `position`."""
    depth = 0
    while position < len(css):
        mark = css[position]
        if mark in "\"'":
            position = end_of_string(css, position)
            continue
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth == 0:
            return position
        position += 1
    raise Unbuildable("Tabler's style sheet ends inside a block; install it again with `npm ci`.")


def selectors(head: str) -> list[str]:
    """The selectors of a rule, split at commas that stand outside parentheses."""
    found, depth, start = [], 0, 0
    for position, mark in enumerate(head):
        depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(mark, 0)
        if mark == "," and depth == 0:
            found.append(head[start:position].strip())
            start = position + 1
    return [*found, head[start:].strip()]


def is_used(selector: str, names: frozenset[str]) -> bool:
    """Whether every class that must be present for this selector is named somewhere in our sources."""
    outside = re.sub(r":(?:not|is|where|has)\([^()]*(?:\([^()]*\)[^()]*)*\)", "", selector)
    return all(name in names for name in CLASS_IN_SELECTOR.findall(outside))


def trim(css: str, names: frozenset[str]) -> str:
    """The style sheet without the rules for classes that are not among `names`."""
    kept: list[str] = []
    for rule in parse(css):
        if rule.body is None:
            kept.append(f"{rule.head};")
        elif rule.head.startswith(("@media", "@supports", "@layer")):
            inner = trim(rule.body, names)
            if inner:
                kept.append(f"{rule.head}{{{inner}}}")
        elif rule.head.startswith("@"):
            kept.append(f"{rule.head}{{{rule.body}}}")
        else:
            wanted = [selector for selector in selectors(rule.head) if is_used(selector, names)]
            if wanted:
                kept.append(f"{','.join(wanted)}{{{rule.body}}}")
    return "".join(kept)


def without_idle_keyframes(css: str) -> str:
    """The style sheet without animations that nothing names any more."""
    used = " ".join(re.findall(r"animation(?:-name)?:([^;}]*)", css))
    kept = []
    for rule in parse(css):
        name = rule.head.removeprefix("@keyframes").strip()
        if rule.head.startswith("@keyframes") and name not in used:
            continue
        kept.append(f"{rule.head};" if rule.body is None else f"{rule.head}{{{rule.body}}}")
    return "".join(kept)


def class_names() -> frozenset[str]:
    """Every word in our templates, scripts and modules: a superset of the classes that pages can carry."""
    names: set[str] = set()
    for _, text in sources(".html", ".js", ".py"):
        names.update(WORD.findall(text))
    return frozenset(names)


def tabler() -> str:
    """Tabler's style sheet, trimmed to what our pages use."""
    css = read_package("@tabler/core/dist/css/tabler.min.css").removeprefix("\ufeff")
    notice = re.search(r"/\*!.*?\*/", css, re.S)
    plain = SOURCE_MAP.sub("", re.sub(r"/\*.*?\*/", "", css, flags=re.S))
    body = without_idle_keyframes(trim(plain.replace('@charset "UTF-8";', ""), class_names()))
    credit = " ".join(notice.group(0).strip("/*! \n").replace("*", " ").split()) if notice else ""
    return f'@charset "UTF-8";/*! {credit}; trimmed to the rules in use. */{body}\n'


# ---- icons ----


def icons_in_use() -> list[str]:
    """Names of icons: `{% icon "name" %}` in templates, `icon="name"` in modules, the list in icons.txt."""
    names: set[str] = set()
    for file, text in sources(".html", ".py"):
        names.update((ICON_IN_TEMPLATE if file.suffix == ".html" else ICON_IN_PYTHON).findall(text))
    for line in ICON_LIST.read_text(encoding="utf-8").splitlines():
        name = line.partition("#")[0].strip()
        if name:
            names.add(name)
    return sorted(names)


def symbol(name: str) -> str:
    """One icon as a `<symbol>`; it takes its stroke from the page."""
    file = f"@tabler/icons/icons/outline/{name}.svg"
    if not (PACKAGES / file).is_file():
        raise Unbuildable(f'There is no Tabler icon named "{name}"; correct the name where it is used.')
    svg = read_package(file)
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)
    if inner is None:
        raise Unbuildable(f'The Tabler icon "{name}" is not an SVG; run `npm ci` again.')
    paths = " ".join(inner.group(1).split()).replace("> <", "><")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>'


def sprite() -> str:
    """All icons in use as one SVG."""
    symbols = "\n".join(symbol(name) for name in icons_in_use())
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


# ---- all together ----


def licences() -> str:
    """The licences of the packages whose files are served."""
    parts = []
    for package in LICENSED:
        about = json.loads(read_package(f"{package}/package.json"))
        files = sorted(f for f in (PACKAGES / package).iterdir() if f.name.lower().startswith("licen"))
        text = files[0].read_text(encoding="utf-8").strip() if files else f"Licence: {about['license']}"
        parts.append(f"{package} {about['version']} ({about['license']})\n\n{text}\n")
    return ("\n" + "-" * 100 + "\n\n").join(parts)


def outputs() -> dict[str, bytes]:
    """Every file of the vendor folder by its path in it."""
    files = {f"files/{Path(path).name}": package_file(path).read_bytes() for path in FONTS}
    for name, path in SCRIPTS.items():
        files[name] = (SOURCE_MAP.sub("", read_package(path)).rstrip() + "\n").encode()
    files["tabler.css"] = tabler().encode()
    files["icons.svg"] = sprite().encode()
    files["licences.txt"] = licences().encode()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    files["built.json"] = (json.dumps(digests, indent=1) + "\n").encode()
    return files


def style_size(files: dict[str, bytes]) -> int:
    """Bytes of all style sheets of a page, gzipped one by one as they are served."""
    own = [(SOURCE / "ui" / "static" / "ui" / name).read_bytes() for name in OWN_STYLES]
    return sum(len(gzip.compress(content, 9, mtime=0)) for content in [files["tabler.css"], *own])


def build(*, check: bool) -> str:
    """Write the vendor folder, or with `check` only compare it; returns one line that says what was done."""
    files = outputs()
    size = style_size(files)
    if size > CSS_BUDGET:
        raise Unbuildable(
            f"The style sheets weigh {size} bytes gzipped, more than {CSS_BUDGET}; use fewer classes."
        )
    if check:
        for name, content in files.items():
            there = VENDOR / name
            if not there.is_file() or there.read_bytes() != content:
                raise Unbuildable(
                    f"static/vendor/{name} is out of date; run `python scripts/build_front.py`."
                )
        return f"The front end is up to date: {len(files)} files, style sheets {size / 1000:.1f} kB gzipped."
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    for name, content in files.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return f"Built {len(files)} front-end files; style sheets {size / 1000:.1f} kB gzipped."


def main() -> int:
    """Command line: `build_front.py` builds, `build_front.py --check` compares."""
    parser = argparse.ArgumentParser(description="Collect the front-end packages into the static folder.")
    parser.add_argument("--check", action="store_true", help="say whether the built files are up to date")
    arguments = parser.parse_args()
    try:
        print(build(check=arguments.check))
    except Unbuildable as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
