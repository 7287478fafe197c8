"""Proof that what is kept ends when the policy says."""

from collections.abc import Callable
from datetime import timedelta

from plainspoken.proofs.notice import rule
from plainspoken.proofs.planting import Planted, call, chat, conversation_of, heard, turns
from plainspoken.proofs.registry import Proof, proves
from plainspoken.proofs.world import Answered, World, span, surely_over

MARGIN = timedelta(days=3)


@proves("retain.as-needed")
def as_needed(world: World, proof: Proof) -> None:
    """Plants a fresh, an expired and a held conversation; travels in time; purges; searches every store for the expired."""
    periods = rule(world, "retain.as-needed")["periods"]
    proof.see(periods, f"The policy gives {len(periods)} periods")
    expired, spoken, held = chat(world), call(world), chat(world)
    placed = world.cli(
        "retention", "hold", held.customer.email, "--reason", "claims", "--law", "GDPR Art. 17(3)(e)",
        "--organisation", world.slug, "--json",
    )  # fmt: skip
    proof.see(placed.code == 0, "A hold is placed on one of them", f"No hold: {placed.err[:200]}")
    early = world.cli("retention", "purge", "--organisation", world.slug, "--json")
    proof.see(
        early.code == 0 and conversation_of(world, expired.id),
        "A purge today removes none of them",
        "A purge removed something before its time",
    )
    try:
        _each_in_its_time(world, proof, periods, expired, spoken)
        purged = _purged_after(world, "P20Y")
        proof.see(purged.code == 0, "Twenty years later a purge ran", f"The purge failed: {purged.err[:200]}")
        fresh = chat(world)
    finally:
        world.cli("proving", "clock", world.slug, "--shift", "P0D")
    for what, planted in (("chat", expired), ("call", spoken)):
        proof.see(
            conversation_of(world, planted.id) is None,
            f"The expired {what} is gone",
            f"An expired {what} is still there",
        )
    proof.see(conversation_of(world, held.id), "The held one is there", "A held conversation was purged")
    proof.see(conversation_of(world, fresh.id), "A fresh one is there")
    values = [expired.customer.word, spoken.customer.email]
    residue = world.cli("residue", *values, "--json")
    proof.see(residue.code == 0, "Nothing of the expired ones is in any store", f"Left: {residue.out[:200]}")


def _purged_after(world: World, shift: str) -> Answered:
    world.cli("proving", "clock", world.slug, "--shift", shift)
    return world.cli("retention", "purge", "--organisation", world.slug, "--json")


def _each_in_its_time(
    world: World, proof: Proof, periods: dict[str, str], wrote: Planted, spoke: Planted
) -> None:
    """Sound, words and facts: each is there shortly before its period is over, and gone shortly after."""
    looks: list[tuple[str, str, Callable[[], object]]] = [
        ("conversation.sound", "The sound of a call", lambda: heard(world, spoke.id)),
        ("conversation.words", "The words of a chat", lambda: turns(world, wrote.id)),
        ("conversation.facts", "The facts of a chat", lambda: conversation_of(world, wrote.id)),
    ]
    proof.see(all(look() for _, _, look in looks), "Sound, words and facts are there today")
    for key, what, look in sorted(looks, key=lambda item: span(periods[item[0]])):
        before = span(periods[key]) - MARGIN
        if before > timedelta(0):
            _purged_after(world, f"P{before.days}D")
            proof.see(
                look(), f"{what}: still there before {periods[key]}", f"{what}: gone before {periods[key]}"
            )
        purged = _purged_after(world, surely_over(periods[key]))
        proof.see(
            purged.code == 0 and purged.data["counts"] and not look(),
            f"{what}: gone after {periods[key]}, and the purge says where",
            f"{what}: still there after {periods[key]}",
        )
