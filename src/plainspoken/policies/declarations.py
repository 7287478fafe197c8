"""The published policy, its notices and its proofs, declared. They are about no data subject."""

from plainspoken.custody.places import KEY, MEASURE, STATE, TECHNICAL, TIME, Place, Platform, plain, register

TEXT = plain("organisation")

register(
    Place(
        model="policies.Version",
        title="Published policies",
        scope=Platform(reason="Everybody may read the notice, before any purpose."),
        columns={
            "id": KEY,
            "organisation": KEY,
            "number": KEY,
            "label": TEXT,
            "source": TEXT,
            "digest": TECHNICAL,
            "published_at": TIME,
            "effective_at": TIME,
            "published_by": KEY,
            "material": STATE,
        },
        append_only=True,
        portal="r",
    ),
    Place(
        model="policies.Notice",
        title="Notices of policy changes",
        scope=Platform(
            reason="Says how many were told, of whom none is named; decides which version is in force."
        ),
        columns={
            "id": KEY,
            "organisation": KEY,
            "version": KEY,
            "audience": STATE,
            "told": MEASURE,
            "sent_at": TIME,
            "in_force_at": TIME,
            "recorded_by": KEY,
        },
        append_only=True,
        portal="r",
    ),
    Place(
        model="policies.ProofRun",
        title="Proofs of the policy",
        scope=Platform(
            reason="Everybody may see whether promises are kept; provers act as people of no organisation."
        ),
        columns={
            "id": KEY,
            "organisation": KEY,
            "version": KEY,
            "at": TIME,
            "ledger_head": TECHNICAL,
            "signature": TECHNICAL,
            "by": KEY,
            "entry": KEY,
        },
        append_only=True,
        portal="r",
    ),
    Place(
        model="policies.ProofResult",
        title="What each proof saw",
        scope=Platform(
            reason="Everybody may see whether promises are kept; evidence is about made-up people only."
        ),
        columns={
            "id": KEY,
            "organisation": KEY,
            "run": KEY,
            "clause": STATE,
            "status": STATE,
            "evidence": TECHNICAL,
            "seconds": MEASURE,
        },
        append_only=True,
        portal="r",
    ),
)
