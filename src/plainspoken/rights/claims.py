"""What a person says of themselves in a request, and what we wrote to them: sealed JSON on the request's
row.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from plainspoken.custody import keys
from plainspoken.custody.acts import context
from plainspoken.kernels import identifiers

from .models import Archive, Request

LONGEST = {"name": 200, "email": 254, "phone": 40, "details": 4000}


class ClaimRefused(ValueError):
    """Something in the claim is not as it should be; the message says what to do."""


@dataclass(frozen=True)
class Claim:
    """Name and contacts as given; nothing of it is believed before it is proved."""

    name: str = ""
    email: str = ""
    phone: str = ""
    details: str = ""

    def checked(self) -> "Claim":
        """Trimmed and within bounds. Raises ClaimRefused."""
        trimmed = Claim(**{field: str(value).strip() for field, value in asdict(self).items()})
        for field, most in LONGEST.items():
            if len(getattr(trimmed, field)) > most:
                raise ClaimRefused(f"The {field} is longer than {most} characters. Shorten it.")
        if trimmed.email:
            try:
                identifiers.email(trimmed.email)
            except identifiers.NotAnIdentifier:
                raise ClaimRefused("The e-mail address is not one. Write it as name@place.example.") from None
        return trimmed

    @property
    def given(self) -> dict[str, str]:
        """The fields that hold something."""
        return {field: value for field, value in asdict(self).items() if value}


def request_key(request: Request) -> str:
    """The name of the key of a request whose person is not known yet. It is destroyed as soon as they are."""
    return f"request/{request.pk}"


def subject_key(request: Request) -> str:
    return f"subject/{request.subject_id}"


def seal(request: Request, column: str, value: Mapping[str, str]) -> None:
    """Put sealed JSON into `claim` or `words`; an empty mapping empties the column."""
    if not value:
        setattr(request, column, None)
        return
    sealer = keys.organisation_sealer(request.key_name)
    setattr(request, column, sealer.seal_text(json.dumps(dict(value)), context=context(request, column)))


def opened(request: Request, column: str) -> dict[str, str]:
    """What is sealed in a column; empty when it was erased. Raises KeyGone when only the key was
    destroyed.
    """
    sealed = getattr(request, column)
    if not sealed:
        return {}
    sealer = keys.organisation_sealer(request.key_name)
    found: dict[str, str] = json.loads(sealer.open_text(sealed, context=context(request, column)))
    return found


def claim_of(request: Request) -> Claim:
    """The claim, opened. Needs a purpose session."""
    return Claim(**opened(request, "claim"))


def words_of(request: Request) -> dict[str, str]:
    """Reasons and answers that we wrote: refusal, extension, answer. Needs a purpose session."""
    return opened(request, "words")


def add_words(request: Request, name: str, text: str) -> None:
    """Add a reason or an answer to the request."""
    seal(request, "words", {**words_of(request), name: text})


def move_to_subject(request: Request) -> None:
    """Seal everything again under the key of the person whose request it is."""
    claim, words = opened(request, "claim"), opened(request, "words")
    request.key_name = subject_key(request)
    seal(request, "claim", claim)
    seal(request, "words", words)


def token_of(request: Request) -> str:
    """The secret of the request's link: made from the key that seals the request, so it need not be kept."""
    key = keys.organisation_sealer(request.key_name).key
    digest = hmac.new(key, f"track:{request.pk}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def token_fits(request: Request, token: str) -> bool:
    """Whether this is the secret of the request's link; compared in constant time."""
    kept = bytes(request.token_digest) if request.token_digest else b""
    return hmac.compare_digest(kept, token_digest(token))


def archive_token(archive: Archive) -> str:
    """The secret of an archive's link, made from its subject's key: it dies with the key."""
    proof = keys.subject_proof(archive.subject_id, f"archive:{archive.pk}")
    return base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
