"""A form as the tests use it, and strategies that make forms and answers."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from plainspoken.kernels.quality import Answer, Form, Kind, parse

SERVICE: dict[str, Any] = {
    "title": "Service call",
    "counting": "percent",
    "pass_at": 80,
    "bands": [{"from": 0, "title": "Needs work"}, {"from": 70, "title": "Good"}, {"from": 90, "title": "Great"}],
    "sections": [
        {
            "id": "opening",
            "title": "Opening",
            "weight": 1,
            "questions": [
                {"id": "greeting", "text": "Did the agent greet?", "kind": "yes-no", "points": 10},
                {
                    "id": "verified",
                    "text": "Was the caller verified before account data was given?",
                    "kind": "yes-no",
                    "points": 10,
                    "error": "compliance-critical",
                    "may_not_apply": True,
                },
            ],
        },
        {
            "id": "solving",
            "title": "Solving",
            "weight": 3,
            "questions": [
                {"id": "solved", "text": "How well was it solved?", "kind": "scale", "points": 20, "least": 1,
                 "most": 5, "fails_at": 1, "error": "non-critical"},
                {"id": "hold", "text": "Was there a hold?", "kind": "yes-no", "required": False},
                {
                    "id": "explained",
                    "text": "How was the hold handled?",
                    "kind": "choice",
                    "options": [
                        {"value": "well", "title": "Explained and thanked", "points": 10},
                        {"value": "half", "title": "Explained only", "points": 5},
                        {"value": "rude", "title": "Left without a word", "points": 0, "fails": True},
                    ],
                    "error": "customer-critical",
                    "shown_when": {"question": "hold", "is": ["yes"]},
                },
                {"id": "note", "text": "What should they know?", "kind": "text", "required": False},
            ],
        },
    ],
}  # fmt: skip


def service() -> Form:
    return parse(SERVICE)


def given(**values: str | None) -> dict[str, Answer]:
    """Answers by question; None does not apply."""
    return {k: Answer(not_applicable=True) if v is None else Answer(v) for k, v in values.items()}


def _question(draw: Any, name: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    kind = draw(st.sampled_from([kind.value for kind in Kind]))
    made: dict[str, Any] = {
        "id": name,
        "text": f"Question {name}?",
        "kind": kind,
        "may_not_apply": draw(st.booleans()),
        "required": draw(st.booleans()),
    }
    if kind in ("yes-no", "scale"):
        made["points"] = draw(st.integers(0, 20))
    if kind == "scale":
        made |= {"least": draw(st.integers(0, 3)), "most": draw(st.integers(4, 9))}
    if kind == "choice":
        made["options"] = [
            {"value": f"o{n}", "title": f"Option {n}", "points": draw(st.integers(0, 20)), "fails": n == 0}
            for n in range(draw(st.integers(2, 4)))
        ]
        made["error"] = draw(st.sampled_from(["customer-critical", "non-critical"]))
    if kind == "yes-no" and draw(st.booleans()):
        made["error"] = draw(st.sampled_from(["business-critical", "non-critical"]))
    waits_for = [q for q in earlier if q["kind"] == "yes-no"]
    if waits_for and draw(st.booleans()):
        made["shown_when"] = {"question": draw(st.sampled_from(waits_for))["id"], "is": ["yes"]}
    return made


@st.composite
def forms(draw: Any) -> Form:
    """Any form; the first question counts, so that something does."""
    earlier: list[dict[str, Any]] = [
        {"id": "q0", "text": "First?", "kind": "yes-no", "points": 5, "may_not_apply": True}
    ]
    sections: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 3))):
        own = [earlier[0]] if number == 0 else []
        for _ in range(draw(st.integers(0 if own else 1, 3))):
            question = _question(draw, f"q{len(earlier)}", earlier)
            earlier.append(question)
            own.append(question)
        sections.append(
            {
                "id": f"s{number}",
                "title": f"Section {number}",
                "weight": draw(st.integers(1, 9)),
                "questions": own,
            }
        )
    return parse(
        {"title": "Any", "counting": draw(st.sampled_from(["points", "percent"])), "sections": sections}
    )


@st.composite
def answered(draw: Any) -> tuple[Form, dict[str, Answer]]:
    """A form, and answers to some of its questions."""
    form = draw(forms())
    answers = {}
    for question in form.questions:
        choices: list[Answer] = [Answer(value) for value in question.values]
        choices += [Answer("seen")] if question.kind == Kind.TEXT else []
        choices += [Answer(not_applicable=True)] if question.may_not_apply else []
        if draw(st.booleans()):
            answers[question.id] = draw(st.sampled_from(choices))
    return form, answers


def reference(form: Form, answers: dict[str, Answer]) -> Fraction | None:
    """The percent, worked out another way: from a list of (weight, earned, possible) of what counts."""
    asked: dict[str, bool] = {}
    counted = []
    for section in form.sections:
        own = []
        for q in section.questions:
            needs = q.shown_when
            holds = needs is None or (
                asked[needs.question]
                and needs.question in answers
                and not answers[needs.question].not_applicable
                and answers[needs.question].value in needs.values
            )
            asked[q.id] = holds
            answer = answers.get(q.id)
            if not holds or answer is None or answer.not_applicable or q.kind == Kind.TEXT:
                continue
            if q.kind == Kind.YES_NO:
                got, most = (q.points if answer.value == q.right else 0), q.points
            elif q.kind == Kind.SCALE:
                got, most = q.points * (int(answer.value) - q.least) / (q.most - q.least), q.points
            else:
                got = next(o.points for o in q.options if o.value == answer.value)
                most = max(o.points for o in q.options)
            own.append((Fraction(got), Fraction(most)))
        counted.append((section.weight, sum(g for g, _ in own), sum(m for _, m in own)))
    if form.counting == "points":
        most = sum(m for _, _, m in counted)
        return 100 * Fraction(sum(g for _, g, _ in counted)) / most if most else None
    live = [(w, 100 * Fraction(g) / m) for w, g, m in counted if m]
    return sum(w * p for w, p in live) / sum(w for w, _ in live) if live else None  # type: ignore[return-value]
