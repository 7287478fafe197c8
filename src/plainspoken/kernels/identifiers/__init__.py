"""Identifiers of people: one canonical form each, the checks that tell a real one, and their many spellings.

Pure Python; nothing is looked up outside the process. Every error is NotAnIdentifier and never repeats the
value.
"""

from plainspoken.kernels.identifiers.cards import Card, card, card_lengths, luhn_holds, luhn_sums, scheme_of
from plainspoken.kernels.identifiers.contacts import email, ip, phone
from plainspoken.kernels.identifiers.names import account, name_tokens, plain_letters
from plainspoken.kernels.identifiers.numbers import (
    NationalId,
    iban,
    national_id,
    national_ids,
    routing_number,
)
from plainspoken.kernels.identifiers.refusal import NotAnIdentifier
from plainspoken.kernels.identifiers.spellings import Kind, spellings
from plainspoken.kernels.identifiers.spoken import say_digits

__all__ = [
    "Card",
    "Kind",
    "NationalId",
    "NotAnIdentifier",
    "account",
    "card",
    "card_lengths",
    "email",
    "iban",
    "ip",
    "luhn_holds",
    "luhn_sums",
    "name_tokens",
    "national_id",
    "national_ids",
    "phone",
    "plain_letters",
    "routing_number",
    "say_digits",
    "scheme_of",
    "spellings",
]
