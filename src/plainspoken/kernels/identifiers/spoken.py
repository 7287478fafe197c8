"""Digits as people say them."""

DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEEN_WORDS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS_WORDS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ZERO_WORDS = ("zero", "oh", "nought", "o")
TIMES_WORDS = {2: "double", 3: "triple"}


def say_digits(digits: str, *, zero: str = "zero", repeats: bool = False) -> str:
    """The digits as words ("411" gives "four one one").

    `zero` is the word for nought. With `repeats`, two or three equal digits are said "double" and "triple".
    """
    words: list[str] = []
    at = 0
    while at < len(digits):
        run = 1
        while repeats and run < 3 and at + run < len(digits) and digits[at + run] == digits[at]:
            run += 1
        if run > 1:
            words.append(TIMES_WORDS[run])
        words.append(zero if digits[at] == "0" else DIGIT_WORDS[int(digits[at])])
        at += run
    return " ".join(words)
