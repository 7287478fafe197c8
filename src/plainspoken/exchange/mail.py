"""The text of a message: of its plain part where it has one, else of its HTML; attachments are not taken."""

import html.parser
import re
from email import message_from_string, policy


def text_of(source: str) -> str:
    """The text of a mail body in several parts; attachments are not taken."""
    message = message_from_string(re.sub(r";\s*\n\s*", "; ", source, count=3), policy=policy.default)
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except (LookupError, ValueError):
        return ""
    text = content if isinstance(content, str) else ""
    return text_of_html(text) if part.get_content_type() == "text/html" else text.strip()


class _Texts(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipping += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in ("script", "style") and self._skipping > 0

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.found.append(data)


def text_of_html(source: str) -> str:
    parser = _Texts()
    parser.feed(source)
    return " ".join(" ".join(parser.found).split())
