"""SMTP (RFC 5321): implements `disclosures.ports.Mailer`.

smtps://user:password@host      TLS from the first byte (port 465)
starttls://user:password@host   TLS by STARTTLS, or no mail (port 587)
smtp://user:password@host       STARTTLS where the server offers it (port 25)

Certificates are always checked. A password never goes over an open line, except to this machine itself.
"""

import ipaddress
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from plainspoken.disclosures.ports import Mail, MailFailed

TIMEOUT_S = 20.0
PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class Server:
    """Where mail goes, as its address says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @property
    def is_local(self) -> bool:
        """Whether it is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def server_of(url: str) -> Server:
    """Read an address. Raises MailFailed with one sentence that says what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unusable() from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise _unusable()
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _unusable() -> MailFailed:
    return MailFailed(
        "The address of the mail server is not usable. Write smtps://user:password@host, starttls:// or smtp://.",
        temporary=False,
    )


def message_of(mail: Mail) -> EmailMessage:
    """The mail as a message. Raises MailFailed where a header would hold more than its one line."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
    except (ValueError, IndexError) as error:
        raise MailFailed("An address or the subject of the mail is not one line.", temporary=False) from error
    except Exception as error:  # email.errors.* for what is no address at all
        if not type(error).__module__.startswith("email."):
            raise
        raise MailFailed("The address of the mail is not one.", temporary=False) from error
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.identity}@{mail.sender.rpartition('@')[2]}>"
    # RFC 3834: nobody's holiday notice should answer this.
    message["Auto-Submitted"] = "auto-generated"
    if mail.stop:
        message["List-Unsubscribe"] = f"<{mail.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


class Smtp:
    """One connection a mail: simple, and nothing of one person's mail stays for the next."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self.timeout_s = timeout_s

    def send(self, mail: Mail, *, url: str) -> int:
        server, message = server_of(url), message_of(mail)
        try:
            with self._connect(server) as line:
                self._sign_in(line, server)
                line.send_message(message, from_addr=mail.sender, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailFailed(
                "The mail server refused the recipient.", temporary=all(400 <= code < 500 for code in codes)
            ) from None
        except smtplib.SMTPResponseException as error:
            # Its text may repeat the address: only the code is told.
            raise MailFailed(
                f"The mail server answered {error.smtp_code}.", temporary=400 <= error.smtp_code < 500
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise MailFailed("The mail server cannot take this mail.", temporary=False) from None
        except ssl.SSLError:
            raise MailFailed(
                "The mail server has no certificate that we can trust. Check its name and its certificate.",
                temporary=True,
            ) from None
        except (OSError, smtplib.SMTPException):
            raise MailFailed(
                "The mail server cannot be reached. Check its address.", temporary=True
            ) from None
        return len(message.as_bytes())

    def _connect(self, server: Server) -> smtplib.SMTP:
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self.timeout_s, context=ssl.create_default_context()
            )
        line = smtplib.SMTP(server.host, server.port, timeout=self.timeout_s)
        try:
            line.ehlo()
            if line.has_extn("starttls") and (server.scheme == "starttls" or not server.is_local):
                line.starttls(context=ssl.create_default_context())
                line.ehlo()
            elif server.scheme == "starttls":
                raise MailFailed(
                    "The mail server offers no STARTTLS. Use smtps:// or another server.", temporary=False
                )
        except BaseException:
            line.close()
            raise
        return line

    def _sign_in(self, line: smtplib.SMTP, server: Server) -> None:
        if not server.user:
            return
        if not isinstance(line.sock, ssl.SSLSocket) and not server.is_local:
            raise MailFailed(
                "The mail server wants a password over an open line. Use smtps:// or starttls://.",
                temporary=False,
            )
        line.login(server.user, server.password)


def problem(url: str, *, timeout_s: float = TIMEOUT_S) -> str | None:
    """Why a mail server cannot be used, in one sentence; None when it greets us and lets us in. Sends nothing."""
    mailer = Smtp(timeout_s=timeout_s)
    try:
        server = server_of(url)
        with mailer._connect(server) as line:
            mailer._sign_in(line, server)
    except MailFailed as error:
        return str(error)
    except ssl.SSLError:
        return "The mail server has no certificate that we can trust. Check its name and its certificate."
    except (OSError, smtplib.SMTPException) as error:
        return f"The mail server does not let us in ({type(error).__name__}). Check host, port and password."
    return None
