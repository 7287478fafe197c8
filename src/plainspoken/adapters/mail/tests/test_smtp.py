"""The mail adapter against a real SMTP server: what arrives, what is refused, and what never goes in
clear.
"""

import smtplib
import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from plainspoken.adapters.mail import Smtp, problem
from plainspoken.adapters.mail.smtp import message_of, server_of
from plainspoken.disclosures.ports import Mail, MailFailed

AT = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


def free_port() -> int:
    """A port nobody listens on; the server's own trial connection does not work with port 0."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def mail(**more: str) -> Mail:
    return Mail(
        **{  # type: ignore[arg-type]
            "to": "ada@post.example",
            "sender": "privacy@lark.example",
            "sender_name": "Larkfield, Home",
            "subject": "Your code — 12",
            "text": "Grüße\n.\nend",
            "identity": "m-1",
            "at": AT,
            **more,
        }
    )


class Sink:
    def __init__(self) -> None:
        self.received: list[Any] = []
        self.logins: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append(
            (
                envelope.mail_from,
                envelope.rcpt_tos,
                message_from_bytes(envelope.content, policy=policy.default),
            )
        )
        return "250 OK"


@pytest.fixture
def listen():
    started: list[Controller] = []

    def start(handler: Any, **options: Any) -> int:
        port = free_port()
        controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return port

    yield start
    for controller in started:
        controller.stop()


def test_a_mail_arrives_as_it_was_written(listen) -> None:
    sink = Sink()
    size = Smtp().send(mail(html="<p>Grüße</p>"), url=f"smtp://127.0.0.1:{listen(sink)}")
    sender, recipients, found = sink.received[0]
    assert (sender, recipients) == ("privacy@lark.example", ["ada@post.example"])
    assert found["Subject"] == "Your code — 12" and found["To"] == "ada@post.example"
    assert found["From"].addresses[0].display_name == "Larkfield, Home"
    assert found["Message-ID"] == "<m-1@lark.example>" and found["Date"].datetime == AT
    assert found.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Grüße\n.\nend\n"
    assert found.get_body(("html",)).get_content().strip() == "<p>Grüße</p>" and size > 200


@pytest.mark.parametrize(
    "bad",
    [
        {"to": "ada@post.example\r\nBcc: all@post.example"},
        {"to": "ada@post.example, eve@post.example"},
        {"to": "ada@post.example\n"},
        {"to": "not an address"},
        {"to": ""},
        {"subject": "Hello\r\nBcc: all@post.example"},
        {"subject": "Hello\nX-Evil: 1"},
        {"sender_name": "Lark\r\nBcc: all@post.example"},
        {"sender": "privacy@lark.example\r\nBcc: x@y.example"},
    ],
)
def test_no_value_can_add_a_header_or_a_recipient(listen, bad: dict[str, str]) -> None:
    sink = Sink()
    try:
        Smtp().send(mail(**bad), url=f"smtp://127.0.0.1:{listen(sink)}")
    except MailFailed as error:
        assert not error.temporary and "@" not in str(error)
        assert sink.received == []
    else:
        (_, recipients, found) = sink.received[0]
        assert recipients == ["ada@post.example"] and found["Bcc"] is None and found["X-Evil"] is None


def test_lines_that_start_with_a_dot_stay(listen) -> None:
    sink = Sink()
    Smtp().send(mail(text=".hidden\n..\n."), url=f"smtp://127.0.0.1:{listen(sink)}")
    assert sink.received[0][2].get_content().replace("\r\n", "\n") == ".hidden\n..\n.\n"


class Refuser:
    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "temporary"), [("451 busy ada@post.example", True), ("550 unknown ada@post.example", False)]
)
def test_refusals_say_whether_trying_again_helps_and_repeat_no_address(
    listen, answer: str, temporary: bool
) -> None:
    with pytest.raises(MailFailed) as error:
        Smtp().send(mail(), url=f"smtp://127.0.0.1:{listen(Refuser(answer))}")
    assert error.value.temporary is temporary and "ada" not in str(error.value)


def test_nobody_there_and_a_server_that_never_answers_are_temporary() -> None:
    with pytest.raises(MailFailed, match="cannot be reached") as error:
        Smtp().send(mail(), url="smtp://127.0.0.1:1")
    assert error.value.temporary
    silent = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=silent.accept, daemon=True)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(MailFailed):
        Smtp(timeout_s=0.5).send(mail(), url=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    assert time.monotonic() - begun < 5
    silent.close()


@pytest.mark.parametrize(
    "url", ["", "http://x", "smtp://", "smtp://h:99999", "file:///etc/passwd", "lark.example"]
)
def test_unusable_addresses_say_what_to_write(url: str) -> None:
    with pytest.raises(MailFailed, match="smtps://user:password@host"):
        Smtp().send(mail(), url=url)


def test_addresses_are_read_with_their_escapes() -> None:
    server = server_of("smtps://us%40er:p%2Fw%3A@mail.lark.example")
    assert (server.user, server.password, server.port, server.is_local) == ("us@er", "p/w:", 465, False)
    assert server_of("starttls://h").port == 587 and server_of("smtp://[::1]:2525").is_local
    assert server_of("smtp://127.1.2.3").is_local and not server_of("smtp://10.0.0.1").is_local


class Accounts:
    def __init__(self) -> None:
        self.tried: list[LoginPassword] = []

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.tried.append(data)
        return AuthResult(success=data.password == b"right", handled=False)


def test_signing_in_works_on_this_machine_and_a_wrong_password_fails(listen) -> None:
    sink, accounts = Sink(), Accounts()
    port = listen(sink, authenticator=accounts, auth_require_tls=False, auth_required=True)
    Smtp().send(mail(), url=f"smtp://me:right@127.0.0.1:{port}")
    assert len(sink.received) == 1
    with pytest.raises(MailFailed, match="answered 535"):
        Smtp().send(mail(), url=f"smtp://me:wrong@127.0.0.1:{port}")


def test_a_password_never_goes_over_an_open_line_elsewhere(listen, monkeypatch) -> None:
    sink, accounts = Sink(), Accounts()
    port = listen(sink, authenticator=accounts, auth_require_tls=False)
    real = smtplib.SMTP.connect
    monkeypatch.setattr(smtplib.SMTP, "connect", lambda self, host, p, *a, **k: real(self, "127.0.0.1", port))
    with pytest.raises(MailFailed, match="password over an open line"):
        Smtp().send(mail(), url="smtp://me:right@mail.lark.example")
    assert accounts.tried == [] and sink.received == []


def test_starttls_is_asked_for_and_an_untrusted_certificate_ends_it(listen, tmp_path) -> None:
    port = listen(Sink())
    with pytest.raises(MailFailed, match="offers no STARTTLS"):
        Smtp().send(mail(), url=f"starttls://127.0.0.1:{port}")
    secured = Sink()
    port = listen(secured, tls_context=_own_certificate(tmp_path))
    with pytest.raises(MailFailed, match="certificate"):
        Smtp().send(mail(), url=f"starttls://127.0.0.1:{port}")
    assert secured.received == []


def test_a_trusted_certificate_lets_the_mail_through(listen, tmp_path, monkeypatch) -> None:
    sink = Sink()
    context = _own_certificate(tmp_path)
    port = listen(sink, tls_context=context, require_starttls=True)
    trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    monkeypatch.setattr(ssl, "create_default_context", lambda *a, **k: trusted)
    Smtp().send(mail(), url=f"starttls://localhost:{port}")
    assert len(sink.received) == 1


def _own_certificate(folder: Any) -> ssl.SSLContext:
    """A certificate for localhost that no authority signed."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_the_message_is_one_that_any_reader_parses() -> None:
    raw = message_of(mail(subject="Ünïcode " * 20)).as_bytes()
    again = message_from_bytes(raw, policy=policy.default)
    assert (
        again["Subject"] == ("Ünïcode " * 20).rstrip()
        or again["Subject"].strip() == ("Ünïcode " * 20).strip()
    )
    assert max(len(line) for line in raw.splitlines()) <= 998


def test_a_server_is_greeted_before_it_is_written_down() -> None:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        assert problem(f"smtp://127.0.0.1:{controller.port}") is None
        assert sink.received == []
    finally:
        controller.stop()
    assert "does not let us in" in str(problem(f"smtp://127.0.0.1:{free_port()}", timeout_s=2))
    assert "not usable" in str(problem("http://mail.example"))
