"""A mail server on the loopback address that keeps what it is sent: how a prover reads its mail."""

import socket
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Use as a context manager; `url` is what an organisation names as its mail server."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self._port = _free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)  # type: ignore[arg-type]
        return "250 kept"

    def __enter__(self) -> "Mailbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._port}"

    def to(self, address: str) -> list[EmailMessage]:
        """What was sent to an address, oldest first."""
        return [m for m in list(self.messages) if address.lower() in str(m["X-Envelope-To"]).lower()]

    def wait(self, address: str, *, count: int = 1, seconds: float = 20.0) -> list[EmailMessage]:
        """The mails to an address once there are `count`, or those that are there when time is up."""
        deadline = time.monotonic() + seconds
        while len(self.to(address)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.to(address)


def _free_port() -> int:
    """The controller greets its own port, so it has to be known before."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    body = message.get_body(preferencelist=("plain", "html"))
    return str(body.get_content()) if body is not None else ""
