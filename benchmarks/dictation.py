"""How the customers of the spoken benchmark say a value: grouping, repeats, repairs, pauses, alphabet words, and how a
recogniser then writes it. Written after the detector; values are made of dice.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
ORDINAL = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty first", "twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth",
    "twenty seventh", "twenty eighth",
)  # fmt: skip
PAUSES = (
    "um", "uh", "er", "let me see", "hang on", "hold on a sec", "and then", "then", "yeah", "I think", "okay",
    "just a second", "what is it", "it's a bit faded", "next bit",
)  # fmt: skip
REPAIRS = (
    "no sorry", "sorry", "no wait", "scratch that", "I mean", "no, I tell a lie", "oops, no", "let me start that again",
)  # fmt: skip


def _by_letter(words: str) -> dict[str, str]:
    return {word[0]: word for word in words.split()}


ALPHABETS = (
    _by_letter(
        "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo"
        " sierra tango uniform victor whiskey xray yankee zulu"
    ),
    _by_letter(
        "apple banana cat dog egg fish goat house ice jam king lemon monkey nut orange peter queen robert sugar tommy"
        " umbrella violet window xylophone yellow zebra"
    ),
)
DOMAINS = ("gmail dot com", "hotmail dot co dot uk", "yahoo dot com", "outlook dot com", "bluewater dash trading dot com",
           "icloud dot com", "rediffmail dot com", "bigpond dot com", "btinternet dot com", "gmail.com")  # fmt: skip
WORDS = (
    "sunflower",
    "Tarmac",
    "blue kettle",
    "Wimbledon",
    "marzipan",
    "Saint Jude's",
    "thunder",
    "Penguin",
    "old mill",
)
TOWNS = {
    "us": ("Springfield Illinois", "Dayton Ohio", "Austin Texas", "Boise Idaho"),
    "uk": ("Leeds", "Norwich", "Cardiff", "Swindon"),
    "au": ("Newcastle New South Wales", "Geelong Victoria", "Cairns Queensland"),
    "in": ("Bangalore", "Pune", "Chennai", "Gurgaon"),
}
KINDS = {"first": "name", "name2": "name", "first2": "name", "surname": "name", "spelt": "spelled", "last4": "digits",
         "account": "account", "sort": "account", "otp": "secret", "pin": "secret", "word": "secret",
         "ssn": "id", "nino": "id", "aadhaar": "id", "tfn": "id", "licence": "id", "passport": "id", "code": "code",
         "postcode": "address", "house": "address", "expiry": "card expiry", "cvv": "card code"}  # fmt: skip


class Piece(NamedTuple):
    """Something said, with the space before it; `value`: it is part of the value."""

    text: str
    value: bool


class Dictation:
    """One caller, with their habits."""

    def __init__(self, dice: random.Random, names: Sequence[str], streets: Sequence[str]) -> None:
        self.dice = dice
        self.names, self.streets = names, streets
        self.zero = dice.choice(("zero", "zero", "oh", "oh", "nought"))
        self.figures = dice.random() < 0.4  # the recogniser writes figures
        self.cased = dice.random() < 0.7
        self.hesitant = dice.random() < 0.35
        self.held: dict[str, str] = {}
        self.country = dice.choice(("us", "us", "uk", "uk", "au", "in"))

    def style(self) -> "Callable[..., str]":
        """How the recogniser writes words: with capitals and marks, or neither."""

        def plain(text: str, *, start: bool) -> str:
            return "".join(c for c in text.lower() if c.isalnum() or c in " '@-/.")

        def cased(text: str, *, start: bool) -> str:
            return text[:1].upper() + text[1:] if start else text

        return cased if self.cased else plain

    def kind(self, slot: str) -> str:
        return KINDS.get(slot, slot)

    def say(self, slot: str, *, again: bool = False) -> list[Piece]:
        """The value of a slot as pieces, the same value each time, in another manner when it is said again."""
        made = getattr(self, f"_{slot}")()
        return made if made and made[0].text else [Piece("", True), *made]

    # ---- values ----

    def _value(self, slot: str, make: Callable[[], str]) -> str:
        return self.held.setdefault(slot, make())

    def _digits(self, count: int) -> str:
        return "".join(self.dice.choice("0123456789") for _ in range(count))

    def _name(self) -> list[Piece]:
        return _words(self._value("name", lambda: self.dice.choice(self.names)))

    def _name2(self) -> list[Piece]:
        return _words(self._value("name2", lambda: self.dice.choice(self.names)))

    def _first(self) -> list[Piece]:
        return _words(self._value("name", lambda: self.dice.choice(self.names)).split()[0])

    def _first2(self) -> list[Piece]:
        return _words(self._value("name2", lambda: self.dice.choice(self.names)).split()[0])

    def _surname(self) -> list[Piece]:
        return _words(self.dice.choice(self.names).split()[-1])

    def _spelt(self) -> list[Piece]:
        name = "".join(
            c for c in self._value("name", lambda: self.dice.choice(self.names)).split()[-1] if c.isalpha()
        )
        return self._letters(name.lower())

    def _phone(self) -> list[Piece]:
        return self._number(self._value("phone", lambda: {
            "us": "2" + self._digits(2) + "555" + self._digits(4), "uk": "07" + self._digits(9),
            "au": "04" + self._digits(8), "in": self.dice.choice("6789") + self._digits(9),
        }[self.country]))  # fmt: skip

    def _last4(self) -> list[Piece]:
        return self._number(self._digits(4), hesitate=False)

    def _card(self) -> list[Piece]:
        def make() -> str:
            start = self.dice.choice(("4", "51", "52", "37"))
            body = start + self._digits((14 if start == "37" else 15) - len(start))
            return body + luhn_digit(body)

        return self._number(self._value("card", make))

    def _cvv(self) -> list[Piece]:
        return self._number(self._digits(3), hesitate=False)

    def _expiry(self) -> list[Piece]:
        month, year = self.dice.randint(1, 12), self.dice.randint(27, 33)
        said = self.dice.choice((
            f"{_small(month) if month > 9 else 'oh ' + _small(month)} {_small(year)}",
            f"{MONTHS[month - 1]} {_small(year)}", f"{MONTHS[month - 1]} twenty {_small(year)}",
        ))  # fmt: skip
        return _words(f"{month:02}/{year}" if self.figures else said)

    def _ssn(self) -> list[Piece]:
        return self._number(self.dice.choice("2345") + self._digits(8))

    def _nino(self) -> list[Piece]:
        letters = self.dice.choice(("ab", "jk", "ly", "wp"))
        return [
            *self._letters(letters),
            *_spaced(self._number(self._digits(6))),
            *_spaced(self._letters(self.dice.choice("abcd"))),
        ]

    def _aadhaar(self) -> list[Piece]:
        return self._number(self.dice.choice("23456789") + self._digits(11))

    def _tfn(self) -> list[Piece]:
        return self._number(self._digits(9))

    def _licence(self) -> list[Piece]:
        return [*self._letters(self.dice.choice("dfhm")), *_spaced(self._number(self._digits(12)))]

    def _passport(self) -> list[Piece]:
        return self._number(self._digits(9))

    def _account(self) -> list[Piece]:
        return self._number(self._value("account", lambda: self._digits(self.dice.choice((6, 7, 8, 8, 10)))))

    def _sort(self) -> list[Piece]:
        return self._number(self._digits(6))

    def _code(self) -> list[Piece]:
        made = self._value("code", lambda: "".join(
            self.dice.choice("bcdfghjklmnpqrstvwxz") if self.dice.random() < 0.5 else self.dice.choice("23456789")
            for _ in range(7)
        ) + "k7")  # fmt: skip
        return self._letters(made)

    def _pin(self) -> list[Piece]:
        return self._number(self._digits(4), hesitate=False)

    def _otp(self) -> list[Piece]:
        return self._number(self._digits(6), hesitate=False)

    def _word(self) -> list[Piece]:
        return _words(self.dice.choice(WORDS))

    def _dob(self) -> list[Piece]:
        day, month, year = self.dice.randint(1, 28), self.dice.randint(1, 12), self.dice.randint(31, 99)
        if self.figures:
            return _words(self.dice.choice((f"{day:02}/{month:02}/19{year}", f"{MONTHS[month - 1]} {day}, 19{year}",
                                            f"{day} {MONTHS[month - 1]} 19{year}")))  # fmt: skip
        nineteen = self.dice.choice(("nineteen ", "nineteen ", ""))
        said = self.dice.choice((
            f"the {ORDINAL[day]} of {MONTHS[month - 1]} {nineteen}{_small(year)}",
            f"{MONTHS[month - 1]} the {ORDINAL[day]} nineteen {_small(year)}",
            f"{MONTHS[month - 1]} {ORDINAL[day]} {nineteen}{_small(year)}",
            f"the {ORDINAL[day]} of the {ORDINAL[month]} {nineteen}{_small(year)}",
            f"{_padded(day)} {_padded(month)} {_small(year)}",
        ))  # fmt: skip
        article = [Piece("the ", False)] if said.startswith("the ") else []
        return [*article, *_words(said.removeprefix("the "))]

    def _email(self) -> list[Piece]:
        first, last = (
            self.dice.choice(self.names).lower().split()[:1],
            self.dice.choice(self.names).lower().split()[-1],
        )
        first_ = "".join(c for c in first[0] if c.isalpha())
        last = "".join(c for c in last if c.isalpha())
        joint = self.dice.choice((" dot ", " underscore ", " dash ", " ", " dot "))
        local = self.dice.choice((
            f"{first_}{joint}{last}", f"{first_[0]}{joint}{last}", f"{last} {_small(self.dice.randint(10, 99))}",
            f"{' '.join(last)}", f"{first_}{joint}{last} {_small(self.dice.randint(1, 99))}",
        ))  # fmt: skip
        at = " at the rate " if self.country == "in" and self.dice.random() < 0.6 else " at "
        return _words(local + at + self.dice.choice(DOMAINS))

    def _house(self) -> list[Piece]:
        return _words(str(self.dice.randint(1, 300)) if self.figures else _small(self.dice.randint(1, 99)))

    def _postcode(self) -> list[Piece]:
        if self.country == "uk":
            code = self.dice.choice(("ls6", "nr2", "cf10", "sn1")) + self.dice.choice("123456789") + "".join(
                self.dice.choice("abdefghjlnpqrstuwxyz") for _ in range(2))  # fmt: skip
            return _words(code.upper()) if self.figures else self._letters(code)
        return self._number(self._digits({"us": 5, "au": 4, "in": 6}[self.country]), hesitate=False)

    def _address(self) -> list[Piece]:
        number = self.dice.randint(1, 99) if self.country != "us" else self.dice.randint(100, 4999)
        street = self.dice.choice(self.streets) + self.dice.choice(
            (" Street", " Road", " Avenue", " Lane", " Close")
        )
        said = str(number) if self.figures else _house_number(number, self.dice)
        flat = self.dice.choice(("", "", "flat two ", "apartment four b ")) if not self.figures else ""
        town = self.dice.choice(TOWNS[self.country])
        return [*_words(f"{flat}{said} {street}"), *_words(f" {town}"), *_spaced(self._postcode())]

    # ---- manners ----

    def _number(self, digits: str, *, hesitate: bool = True) -> list[Piece]:
        groups = self._groups(digits)
        if self.figures and self.dice.random() < 0.8:
            joint = self.dice.choice((" ", " ", "-", ", "))
            if self.dice.random() < 0.15:
                groups = list(digits)
            said = [Piece((joint if at else "") + group, True) for at, group in enumerate(groups)]
        else:
            said = [Piece((" " if at else "") + self._said(group), True) for at, group in enumerate(groups)]
        return self._hesitating(said, digits) if hesitate and self.hesitant else said

    def _groups(self, digits: str) -> list[str]:
        size = self.dice.choice((1, 2, 3, 4, 4))
        return [digits[at : at + size] for at in range(0, len(digits), size)]

    def _said(self, digits: str) -> str:
        """A group as words: digit by digit, with doubles, or as a number below a hundred."""
        if len(digits) == 2 and digits[0] != "0" and self.dice.random() < 0.5:
            return _small(int(digits))
        if len(digits) == 3 and digits[1:] == "00" and digits[0] != "0":
            return f"{ONES[int(digits[0])]} hundred"
        words, at = [], 0
        while at < len(digits):
            run = 1
            while at + run < len(digits) and digits[at + run] == digits[at] and run < 3:
                run += 1
            word = self.zero if digits[at] == "0" else ONES[int(digits[at])]
            if run > 1 and self.dice.random() < 0.6:
                words.append(("double " if run == 2 else "triple ") + word)
                at += run
            else:
                words.append(word)
                at += 1
        return " ".join(words)

    def _hesitating(self, said: Sequence[Piece], digits: str) -> list[Piece]:
        out = list(said)
        for _ in range(self.dice.randint(1, 2)):
            if len(out) > 2:
                place = self.dice.randint(1, len(out) - 1)
                mark = ", " if self.cased else " "
                out[place:place] = [Piece(mark + self.dice.choice(PAUSES), False), Piece(mark, False)]
                out[place + 2] = out[place + 2]._replace(text=out[place + 2].text.lstrip(" ,-"))
        if self.dice.random() < 0.35 and len(out) > 2:
            place = self.dice.randint(1, len(out) - 1)
            wrong = str(self.dice.randint(0, 9)) if self.figures else ONES[self.dice.randint(1, 9)]
            follow = out[place].text.lstrip(" ,-")
            out[place : place + 1] = [
                Piece(" " + wrong, True), Piece(", " + self.dice.choice(REPAIRS) + ", ", False),
                out[place]._replace(text=follow),
            ]  # fmt: skip
        return out

    def _letters(self, text: str) -> list[Piece]:
        """Letters and digits one by one: plain, or by an alphabet."""
        manner = self.dice.choice(("plain", "plain", "words", "as in", "for", "double"))
        alphabet = self.dice.choice(ALPHABETS)
        if manner == "words":
            alphabet = ALPHABETS[0]
        out, at = [], 0
        while at < len(text):
            char = text[at]
            joint = (
                (" " if manner != "plain" or not self.cased else self.dice.choice((" ", ", ", "-")))
                if at
                else ""
            )
            if char.isdigit():
                out.append(Piece(joint + (char if self.figures else self._said(char)), True))
            elif manner == "words":
                out.append(Piece(joint + alphabet[char], True))
            elif manner in ("as in", "for") and self.dice.random() < 0.6:
                out.append(Piece(f"{joint}{char.upper()} {manner} {alphabet[char]}", True))
            elif manner == "double" and text[at + 1 : at + 2] == char:
                out.append(Piece(f"{joint}double {char.upper()}", True))
                at += 1
            else:
                out.append(Piece(joint + char.upper(), True))
            at += 1
        return out


def _words(text: str) -> list[Piece]:
    return [Piece(text, True)]


def _spaced(pieces: list[Piece]) -> list[Piece]:
    return [Piece(" " + pieces[0].text, pieces[0].value), *pieces[1:]]


def _small(number: int) -> str:
    if number < 10:
        return ONES[number]
    if number < 20:
        return TEENS[number - 10]
    return TENS[number // 10] + (f" {ONES[number % 10]}" if number % 10 else "")


def _padded(number: int) -> str:
    return _small(number) if number > 9 else f"oh {ONES[number]}"


def _house_number(number: int, dice: random.Random) -> str:
    if number < 100:
        return _small(number)
    high, low = divmod(number, 100)
    if number < 1000 and dice.random() < 0.5:
        return f"{ONES[high]} hundred" + (f" and {_small(low)}" if low else "")
    return f"{_small(high)} {_small(low) if low > 9 else 'hundred' if not low else 'oh ' + ONES[low]}"


def luhn_digit(body: str) -> str:
    total = sum(int(c) if at % 2 else sum(divmod(2 * int(c), 10)) for at, c in enumerate(reversed(body)))
    return str(-total % 10)
