"""Break what makes the notice, the collection and the register of grounds true; each proof must say so."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from plainspoken.conversations import arrival, ports
from plainspoken.conversations import queries as conversations
from plainspoken.exchange import services as exchange
from plainspoken.kernels import policy as kernel
from plainspoken.kernels.policy import Purpose, consistency
from plainspoken.policies import collection, notices
from plainspoken.policies.views import notice as pages
from plainspoken.portal import views as portal
from plainspoken.proofs.tests.harness import broken, owner
from plainspoken.proofs.world import World
from plainspoken.rights import closes, plans
from plainspoken.rights.services import restricting

Patch = pytest.MonkeyPatch


def relayered(change: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    """`notices.layers` with its second section changed."""
    made = notices.layers

    def layers(policy: Any) -> tuple[Any, ...]:
        first, second, *rest = made(policy)
        return (first, change(second), *rest)

    return layers


def without_first_clause(layer: Any) -> Any:
    return replace(layer, clauses=layer.clauses[1:])


def without_text(layer: Any) -> Any:
    return replace(layer, clauses=[replace(layer.clauses[0], html=""), *layer.clauses[1:]])


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (without_first_clause, "No address on the notice: collect.categories"),
        (without_text, "No text at the address of collect.categories"),
        (lambda layer: replace(layer, summary=""), "A section shows no summary"),
        (
            lambda layer: replace(layer, summary="much " * 40),
            "Not so: The longest summary has 40 words of at most",
        ),
    ],
)
def test_a_notice_with_a_layer_amiss(world: World, monkeypatch: Patch, change: Any, seen: str) -> None:
    monkeypatch.setattr(notices, "layers", relayered(change))
    assert broken("notice.layered", world).text.startswith(seen)


def test_a_notice_that_starts_open(world: World, monkeypatch: Patch) -> None:
    made = notices.page
    monkeypatch.setattr(notices, "page", lambda *a, **more: replace(made(*a, **more), open=True))
    assert "sections start open" in broken("notice.layered", world).text


def test_a_notice_that_hides_the_telephone(world: World, monkeypatch: Patch) -> None:
    made = notices.controller
    monkeypatch.setattr(
        notices, "controller", lambda policy: tuple(p for p in made(policy) if p.term != "Telephone")
    )
    assert broken("notice.controller", world).text == "The notice lacks telephone"


def test_a_compiler_that_needs_no_contact(world: World, monkeypatch: Patch) -> None:
    compiled = kernel.compile_policy

    def lenient(source: str, *, file: str) -> Any:
        front, mark, rest = source.partition("\n---\n")
        if "privacy_contact:" not in front:
            front += "\n  privacy_contact: nobody@nowhere.example"
        return compiled(front + mark + rest, file=file)

    monkeypatch.setattr(kernel, "compile_policy", lenient)
    assert "without its privacy contact" in broken("notice.controller", world).text


# ---- versions ----


def test_a_collection_that_forgets_its_version(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        "plainspoken.conversations.services.arriving.version_in_force",
        lambda *, organisation: SimpleNamespace(number=1),
    )
    assert broken("notice.version", world).text == "Recorded versions are 1 and 1"


def test_a_publication_that_tells_nobody(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr("plainspoken.policies.services.material_changes", lambda old, new: ())
    assert broken("notice.version", world).text == "A material change was published without notices"


def test_an_old_version_that_shows_the_new_text(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(pages, "_version", lambda *a: None)
    assert "The old version can still be read" in broken("notice.version", world).text


def test_a_page_of_changes_that_says_nothing(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(pages, "clause_changes", lambda old, new: ())
    assert "page of changes names the clause" in broken("notice.version", world).text


# ---- categories and points ----


@contextmanager
def changed(*statements: str, back: str) -> Iterator[None]:
    """The database otherwise for a while."""
    try:
        for statement in statements:
            owner(statement)
        yield
    finally:
        owner(back)


@pytest.mark.parametrize(
    ("statement", "back"),
    [
        (
            "ALTER TABLE people_identifier ADD COLUMN shoe_size integer",
            "ALTER TABLE people_identifier DROP COLUMN IF EXISTS shoe_size",
        ),
        (
            "ALTER TABLE people_identifier NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE people_identifier FORCE ROW LEVEL SECURITY",
        ),
        ("CREATE TABLE shoes (customer text)", "DROP TABLE IF EXISTS shoes"),
    ],
)
def test_something_undeclared_in_the_live_database(world: World, statement: str, back: str) -> None:
    with changed(statement, back=back):
        assert broken("collect.categories", world).text.startswith("Undeclared: ")


def test_a_check_that_looks_at_no_columns(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr("plainspoken.custody.govern._columns", lambda using: {})
    assert "went unnoticed" in broken("collect.categories", world).text


def test_a_category_that_the_policy_does_not_name(world: World, monkeypatch: Patch) -> None:
    from plainspoken.custody import places

    declared = places.place("people.Identifier")
    columns = {**declared.columns, "value": places.personal("shoe-size", sealed=True)}
    monkeypatch.setitem(places._places, declared.key, replace(declared, columns=columns))
    assert broken("collect.categories", world).text.startswith("Undeclared: ")


def test_a_point_that_takes_anything(world: World, monkeypatch: Patch) -> None:
    refuse = collection.refuse_undeclared
    monkeypatch.setattr(
        collection, "refuse_undeclared", lambda found, names: refuse(found, set(names) - {"shoe_size"})
    )
    assert "undeclared field" in broken("collect.points", world).text


def test_a_page_that_takes_anything(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(portal, "OWN_FIELDS", {*portal.OWN_FIELDS, "shoe_size"})
    assert broken("collect.points", world).text.startswith("The privacy page took an undeclared field")


def test_a_refusal_that_stores_first(world: World, monkeypatch: Patch) -> None:
    imported = exchange.import_sound

    def careless(**given: Any) -> Any:
        drafts = settings.DATA / "drafts"
        drafts.mkdir(exist_ok=True)
        (drafts / "last.txt").write_text(str(given["metadata"]))
        return imported(**given)

    monkeypatch.setattr(exchange, "import_sound", careless)
    try:
        assert broken("collect.points", world).text.startswith("Something was stored: ")
    finally:
        (settings.DATA / "drafts" / "last.txt").unlink()


def test_a_point_whose_purposes_are_not_asked(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(conversations, "closed_to", lambda purpose, **asked: ())
    seen = broken("collect.points", world).text
    assert seen.startswith("What arrived at conversation.vcon was read for ")


def test_a_search_that_asks_no_point(world: World, monkeypatch: Patch) -> None:
    search = ports.words().search
    monkeypatch.setattr(ports.words(), "search", lambda wanted: search(replace(wanted, not_from=())))
    seen = broken("collect.points", world).text
    assert seen.startswith("What arrived at conversation.vcon was read for ")


def test_a_field_that_is_not_needed_after_all(world: World, monkeypatch: Patch) -> None:
    admit = collection.admit
    monkeypatch.setattr(
        arrival, "admit", lambda *, given, **more: admit(given={**given, "source_id": "made-up"}, **more)
    )
    assert broken("collect.points", world).text.startswith("Not so: A vCon without the id")


# ---- grounds ----


def test_a_ground_of_staff_that_nobody_asks(world: World, monkeypatch: Patch) -> None:
    for module in (closes, restricting, plans):
        monkeypatch.setattr(module, "people_of", lambda subject: "customer")
    seen = broken("basis.register", world).text
    assert seen.startswith("An objection of staff took no account of their ground: ")


def test_an_objection_to_everything_whatever_its_ground(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(Purpose, "ends_by_objection", lambda self, people: "objection" in self.closed_by)
    seen = broken("basis.register", world).text
    assert seen.startswith("An objection of staff took no account of their ground: ")


def test_a_compiler_that_needs_no_balancing(world: World, monkeypatch: Patch) -> None:
    checks = tuple(check for check in consistency.CHECKS if check is not consistency._balancing)
    monkeypatch.setattr(consistency, "CHECKS", checks)
    seen = broken("basis.register", world).text
    assert seen == "A policy with legitimate interests without a balancing note compiled"


def test_a_compiler_that_needs_no_basis(world: World, monkeypatch: Patch) -> None:
    compiled = kernel.compile_policy

    def lenient(source: str, *, file: str) -> Any:
        """A purpose without a basis rests on whatever comes to mind."""
        mended = re.sub(
            r"(\n    group: \w+\n)(    maintenance)",
            r"\1    basis: {customer: contract, staff: contract}\n\2",
            source,
        )
        return compiled(mended, file=file)

    monkeypatch.setattr(kernel, "compile_policy", lenient)
    assert broken("basis.register", world).text == "A policy with a purpose without a basis compiled"


def test_a_compiler_that_takes_any_ground(world: World, monkeypatch: Patch) -> None:
    compiled = kernel.compile_policy
    monkeypatch.setattr(
        kernel,
        "compile_policy",
        lambda source, *, file: compiled(source.replace("because-we-want-it", "contract"), file=file),
    )
    seen = broken("basis.register", world).text
    assert seen == "A policy with a ground that is not in the register compiled"
