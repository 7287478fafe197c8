"""A written contact centre whose agents have known habits: what happens in each call is known before it is scored.

Lines stand in two halves. The rules of the standard set were written with `LOOKED_AT` in view; `HELD_OUT` was
written after the rules were fixed and is only counted. Both are ours, so the figures say how the rules bear other
words and a recogniser's errors, not how they bear strangers.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plainspoken.kernels.scoring import Conversation, Turn, Word

from .scripted_lines import HELD_OUT, LOOKED_AT, Lines

SECONDS_A_WORD, PAUSE_S = 0.36, 0.5
SLIP = 0.06  # how often an agent acts against their habit

# ---- the agents ----


@dataclass(frozen=True)
class Agent:
    """What an agent does in nearly every call."""

    name: str
    greets: bool = True
    verifies: bool = True
    explains_holds: bool = True
    empathises: bool = True
    talks_over: bool = False
    asks_anything_else: bool = True
    leaves_silence: bool = False


AGENTS = (
    Agent("does everything"),
    Agent("does everything too"),
    Agent("never verifies", verifies=False),
    Agent("talks over", talks_over=True),
    Agent("never explains holds", explains_holds=False),
    Agent("without empathy", empathises=False),
    Agent("never greets", greets=False),
    Agent("never asks what is left", asks_anything_else=False),
    Agent("leaves silence", leaves_silence=True),
    Agent("hurried", greets=False, verifies=False, asks_anything_else=False, talks_over=True),
)
# The question in which each habit shows.
HABITS: Mapping[str, str] = {
    "greets": "greeting",
    "verifies": "verification",
    "explains_holds": "hold",
    "empathises": "empathy",
    "talks_over": "talk-over",
    "asks_anything_else": "resolution",
    "leaves_silence": "silence",
}


def lacks(agent: Agent, habit: str) -> bool:
    """Whether a habit is the bad one."""
    return bool(getattr(agent, habit)) is (habit in ("talks_over", "leaves_silence"))


# ---- the calls ----


@dataclass(frozen=True)
class Call:
    """A call as it was heard, and the true answer to each question (yes, no, not_applicable)."""

    agent: Agent
    conversation: Conversation
    truth: Mapping[str, str]


@dataclass(frozen=True)
class Noise:
    """A recogniser's errors: share of words lost and of words heard as others."""

    lost: float = 0.0
    changed: float = 0.0


CLEAN, USUAL, HEAVY = Noise(), Noise(0.03, 0.05), Noise(0.06, 0.12)


def calls(*, each: int, lines: Lines, noise: Noise, seed: int) -> Iterator[Call]:
    """`each` calls of each agent; the same seed gives the same calls."""
    for agent in AGENTS:
        for number in range(each):
            yield _Writer(agent, lines, noise, random.Random(f"{seed}:{agent.name}:{number}")).call()  # noqa: S311


def halves() -> Mapping[str, Lines]:
    """Both halves of the lines."""
    return {"looked at": LOOKED_AT, "held out": HELD_OUT}


@dataclass
class _Writer:
    agent: Agent
    lines: Lines
    noise: Noise
    chance: random.Random
    turns: list[Turn] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    at: float = 0.4
    done: dict[str, bool] = field(default_factory=dict)

    def call(self) -> Call:
        self.done = {
            habit: (self.chance.random() >= SLIP) is bool(getattr(self.agent, habit)) for habit in HABITS
        }
        self._open()
        complains = self.chance.random() < 0.6
        self._problem(complains)
        self._identity()
        for _ in range(self.chance.randint(1, 3)):
            self._small_talk()
        self._hold(self.chance.random() < 0.5)
        self._silence()
        self._close()
        self.truth["talk-over"] = "no" if self.done["talks_over"] else "yes"
        conversation = Conversation(tuple(self.turns), "en-GB", duration=self.at + 1.0, sure=0.9)
        return Call(self.agent, conversation, self.truth)

    # ---- what happens ----

    def _open(self) -> None:
        self._say("agent", "greeting" if self.done["greets"] else "no_greeting")
        self.truth["greeting"] = "yes" if self.done["greets"] else "no"

    def _problem(self, complains: bool) -> None:
        self._say("customer", "complaint" if complains else "question")
        if not complains:
            self.truth["empathy"] = "not_applicable"
            return
        answered = self.done["empathises"]
        self._say("agent", "empathy" if answered else "no_empathy")
        self._say("customer", "goes_on")
        self.truth["empathy"] = "yes" if answered else "no"

    def _identity(self) -> None:
        if self.chance.random() < 0.15:
            self._say("agent", "advice")
            self._say("customer", "goes_on")
            self.truth["verification"] = "not_applicable"
            return
        if self.done["verifies"]:
            self._say("agent", "asks_identity")
            self._say("customer", "gives_identity")
        self._say("agent", "account_data")
        self._say("customer", "goes_on")
        self.truth["verification"] = "yes" if self.done["verifies"] else "no"

    def _small_talk(self) -> None:
        # An agent who talks over does it while the customer explains, not once but again and again.
        self._say("customer", "explains")
        over = self.chance.uniform(1.5, 3.0) if self.done["talks_over"] else 0.0
        self._say("agent", "advice", over=over)
        if self.done["talks_over"]:
            self._say("customer", "explains")
            self._say("agent", "advice", over=self.chance.uniform(1.5, 3.0))

    def _hold(self, happens: bool) -> None:
        if not happens:
            self.truth["hold"] = "not_applicable"
            return
        explained = self.done["explains_holds"]
        self._say("agent", "explains_hold" if explained else "advice")
        if explained:
            self._say("customer", "agrees")
        self.at += self.chance.uniform(30, 90)
        self._say("agent", "thanks_for_hold" if explained else "advice")
        self._say("customer", "goes_on")
        self.truth["hold"] = "yes" if explained else "no"
        if not explained:
            self.truth["silence"] = "no"

    def _silence(self) -> None:
        if self.done["leaves_silence"]:
            self._say("agent", "advice")
            self.at += self.chance.uniform(30, 60)
            self._say("agent", "advice")
            self._say("customer", "goes_on")
            self.truth["silence"] = "no"
            # Whoever is left in silence that long is on hold, explained or not.
            self.truth["hold"] = "no"
        elif self.chance.random() < 0.3:
            self.at += self.chance.uniform(5, 15)
        self.truth.setdefault("silence", "yes")

    def _close(self) -> None:
        if self.done["asks_anything_else"]:
            self._say("agent", "asks_anything_else")
            self._say("customer", "confirms")
        else:
            self._say("customer", "ends")
        self.truth["resolution"] = "yes" if self.done["asks_anything_else"] else "no"
        self._say("agent", "farewell")
        self.truth["farewell"] = "yes"

    # ---- how it is said and heard ----

    def _say(self, who: str, act: str, *, over: float = 0.0) -> None:
        words = self.chance.choice(self.lines[act]).split()
        start = max(0.0, self.at - over) if over else self.at + self.chance.uniform(0.2, PAUSE_S)
        heard = list(self._heard(words, start))
        end = start + len(words) * SECONDS_A_WORD
        self.turns.append(
            Turn(len(self.turns), "agent" if who == "agent" else "customer", tuple(heard), start, end)
        )
        self.at = max(self.at, end)

    def _heard(self, words: Sequence[str], start: float) -> Iterator[Word]:
        for place, text in enumerate(words):
            begins = start + place * SECONDS_A_WORD
            word = Word(text, begins, begins + SECONDS_A_WORD, self.chance.uniform(0.85, 0.99))
            if text.startswith("<"):
                kind = text.strip("<>.,?!")
                yield replace(word, text=f"[{kind.lower()}]", removed=kind)
                continue
            what = self.chance.random()
            if what < self.noise.lost:
                continue
            if what < self.noise.lost + self.noise.changed:
                word = replace(word, text=self._misheard(text), sure=self.chance.uniform(0.3, 0.8))
            yield word

    def _misheard(self, text: str) -> str:
        if self.chance.random() < 0.5 and len(text) > 3:
            at = self.chance.randrange(len(text))
            return text[:at] + self.chance.choice("aeiourstln") + text[at + 1 :]
        return self.chance.choice(_OTHERS)


# What a recogniser puts in place of a word that it did not understand.
_OTHERS = (
    "the", "a", "and", "in", "their", "whether", "would", "four", "to", "knight", "weight", "bare", "mail", "by",
    "scene", "our", "sum", "won", "hear", "right", "piece", "plane", "whole", "week", "so", "it", "is", "oh", "on",
)  # fmt: skip
