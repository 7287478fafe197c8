"""Templates compile, hold no inline style or script, and every page extends one of the shells."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "plainspoken"
INLINE = (
    (re.compile(r"<[^>]+\sstyle\s*="), "an inline style; move it into plainspoken.css"),
    (re.compile(r"<[^>]+\son[a-z]+\s*="), "an inline handler; move it into a module under ui/js"),
    (
        re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"),
        "an inline script; move it into a module",
    ),
    (
        re.compile(r"https?://(?!www\.w3\.org)[a-z0-9.-]+\.[a-z]+/[^\"'\s]*\.(?:js|css|woff2?)"),
        "a file from elsewhere; install it",
    ),
)


def findings() -> list[str]:
    """One line a problem: file, line, what it is."""
    from django.template import engines
    from django.template.exceptions import TemplateSyntaxError

    found = []
    for path in sorted(SOURCE.glob("*/templates/**/*")):
        if path.suffix not in (".html", ".txt") or not path.is_file():
            continue
        text = path.read_text("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            found += [
                f"{path.relative_to(ROOT)}:{number}: {message}"
                for pattern, message in INLINE
                if pattern.search(line)
            ]
        try:
            engines["django"].from_string(text)
        except TemplateSyntaxError as error:
            found.append(f"{path.relative_to(ROOT)}: {error}")
    return found


def main() -> int:
    from plainspoken.config.boot import boot

    boot(start=False)
    found = findings()
    for line in found:
        print(line)
    print(f"{len(found)} problems in templates.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
