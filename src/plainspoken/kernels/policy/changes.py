"""What changed between two versions of a policy, and which changes people must be told first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plainspoken.kernels.policy.filling import Found
from plainspoken.kernels.policy.kinds.notice import Versions
from plainspoken.kernels.policy.model import Clause, Controller, Policy
from plainspoken.kernels.policy.reading import Speech
from plainspoken.kernels.policy.records import FieldByField, Record
from plainspoken.kernels.policy.strictness import ByName, Composite, Order, Relation


@dataclass(frozen=True)
class Change:
    """One change. ``what`` is added, removed, moved, title, text, rule, section or controller.

    ``path`` is the field of a rule, empty otherwise. ``before`` and ``after`` are as JSON holds them (None:
    was not there); ``before_said`` and ``after_said`` are words for people, empty where a value does not fit
    in a sentence. ``direction`` says how the new value stands to the old one.
    """

    clause: str | None
    what: str
    path: str
    before: Any
    after: Any
    direction: Relation
    before_said: str = ""
    after_said: str = ""


@dataclass(frozen=True)
class MaterialChange:
    """A change that people are told before it takes effect, and the topic of ``notice.version`` under which
    it falls.
    """

    topic: str
    change: Change


def diff(old: Policy, new: Policy) -> list[Change]:
    """Every change from ``old`` to ``new``, in the order of the new policy; what was removed comes last."""
    before = {clause.id: clause for clause in old.clauses}
    after = {clause.id: clause for clause in new.clauses}
    voices = _Voices(old.speech(), new.speech())
    changes = [*_controller(old, new, voices), *_sections(old, new)]
    for name, clause in after.items():
        changes.extend(_clause(before[name], clause, voices) if name in before else [_whole(None, clause)])
    changes.extend(_whole(clause, None) for name, clause in before.items() if name not in after)
    return changes


@dataclass(frozen=True)
class _Voices:
    old: Speech
    new: Speech


def _whole(old: Clause | None, new: Clause | None) -> Change:
    """A clause that came or went: a promise more is stricter, a promise less is looser."""
    if new is not None:
        return Change(new.id, "added", "", None, new.title, Relation.STRICTER, "", new.summary)
    assert old is not None
    return Change(old.id, "removed", "", old.title, None, Relation.LOOSER, old.summary, "")


def _controller(old: Policy, new: Policy, voices: _Voices) -> Iterator[Change]:
    order = FieldByField(Controller)
    was, now = Found(Record(Controller), old.controller), Found(Record(Controller), new.controller)
    for change in _walk(order, was, now, "", voices):
        yield _change(None, "controller", change)


def _sections(old: Policy, new: Policy) -> Iterator[Change]:
    before = {section.letter: section for section in old.sections}
    for section in new.sections:
        was = before.get(section.letter)
        if was is not None and (was.title, was.text) != (section.title, section.text):
            yield Change(
                None,
                "section",
                section.letter,
                was.title,
                section.title,
                Relation.OTHER,
                was.text,
                section.text,
            )


def _clause(old: Clause, new: Clause, voices: _Voices) -> Iterator[Change]:
    if old.title != new.title:
        yield Change(new.id, "title", "", old.title, new.title, Relation.OTHER, old.title, new.title)
    if old.text != new.text:
        yield Change(new.id, "text", "", old.text, new.text, Relation.OTHER, old.summary, new.summary)
    if type(old.rule) is not type(new.rule):
        kinds = old.kind, new.kind
        yield Change(new.id, "rule", "", kinds[0], kinds[1], Relation.OTHER)
        return
    was, now = Found(Record(type(old.rule)), old.rule), Found(Record(type(new.rule)), new.rule)
    for change in _walk(FieldByField(type(new.rule)), was, now, "", voices):
        yield _change(new.id, "rule", change)


@dataclass(frozen=True)
class _Step:
    path: str
    was: Found | None
    now: Found | None
    direction: Relation
    voices: _Voices


def _walk(order: Order, was: Found, now: Found, path: str, voices: _Voices) -> Iterator[_Step]:
    """The places at which two values differ, as deep as their orders reach."""
    relation = order.compare(now.value, was.value)
    if relation is Relation.EQUAL:
        return
    if not isinstance(order, Composite):
        yield _Step(path, was, now, relation, voices)
        return
    deeper = list(_walk_parts(order, was.inside(), now.inside(), path, voices))
    if not deeper or (isinstance(order, ByName) and order.in_order and _reordered(was, now)):
        yield _Step(path, was, now, Relation.OTHER, voices)
    yield from deeper


def _walk_parts(
    order: Composite, olds: Mapping[str, Found], news: Mapping[str, Found], path: str, voices: _Voices
) -> Iterator[_Step]:
    for name in {**news, **olds}:
        inner = f"{path}.{name}" if path else name
        was, now = olds.get(name), news.get(name)
        if was is not None and now is not None:
            yield from _walk(order.order_of(name), was, now, inner, voices)
        else:
            direction = order.absent if now is None else order.absent.reversed
            yield _Step(inner, was, now, direction, voices)


def _reordered(was: Found, now: Found) -> bool:
    shared = set(was.inside()) & set(now.inside())
    return [name for name in was.inside() if name in shared] != [
        name for name in now.inside() if name in shared
    ]


def _change(clause: str | None, what: str, step: _Step) -> Change:
    return Change(
        clause=clause,
        what=what,
        path=step.path,
        before=_plain(step.was),
        after=_plain(step.now),
        direction=step.direction,
        before_said=_said(step.was, step.voices.old),
        after_said=_said(step.now, step.voices.new),
    )


def _plain(found: Found | None) -> Any:
    return None if found is None else found.shape.plain(found.value)


def _said(found: Found | None, speech: Speech) -> str:
    return found.shape.say(found.value, speech) if found is not None and found.shape.sayable else ""


# Which changes fall under a topic: the kind of rule and the fields. Who of us may read (roles) is no new
# purpose, and the words of a balancing note or of a link are not told ahead.
TOPICS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "purpose": (
        ("purposes", re.compile(r"purposes\.(?!.*\.roles$).*|")),
        ("bases", re.compile(r"grounds(\..*)?|")),
        ("collection-points", re.compile(r"points\..*\.purposes|points\.[^.]*(\.[^.]*)?|")),
        ("technical", re.compile(r"address_in_full_for|")),
        ("combining", re.compile(r"allowed_for|")),
    ),
    "recipient": (
        ("recipients", re.compile(r".*")),
        ("agreement", re.compile(r".*")),
        ("release", re.compile(r".*")),
        ("successor", re.compile(r".*")),
    ),
    "retention": (
        ("retention", re.compile(r".*")),
        ("right", re.compile(r"backups_end_within|keep_only_for")),
    ),
    "transfer": (
        ("region", re.compile(r".*")),
        ("frameworks", re.compile(r"frameworks\.[^.]*(\.status)?|")),
    ),
    "sale": (("sale", re.compile(r".*")),),
}


def material(old: Policy, new: Policy, rule: Versions) -> list[MaterialChange]:
    """The changes that people concerned are told ahead of time under ``rule`` (normally the old policy's).

    A change counts if it falls under one of the rule's topics and does not merely make a promise stricter.
    """
    kinds = {clause.id: clause.kind for policy in (new, old) for clause in policy.clauses}
    found = []
    for change in diff(old, new):
        topic = _topic(change, kinds.get(change.clause or "", ""))
        if topic in rule.material and change.direction is not Relation.STRICTER:
            found.append(MaterialChange(topic, change))
    return found


def _topic(change: Change, kind: str) -> str:
    if change.what not in {"rule", "removed"}:
        return ""
    for topic, places in TOPICS.items():
        if any(kind == of and path.fullmatch(change.path) for of, path in places):
            return topic
    return ""
