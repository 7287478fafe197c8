"""The published policy, declared. It is about no data subject."""

from plainspoken.custody.places import KEY, STATE, TECHNICAL, TIME, Place, Platform, plain, register

register(
    Place(
        model="policies.Version",
        title="Published policies",
        scope=Platform(reason="Everybody may read the notice, before any purpose."),
        columns={
            "id": KEY,
            "organisation": KEY,
            "number": KEY,
            "label": plain("organisation"),
            "source": plain("organisation"),
            "digest": TECHNICAL,
            "published_at": TIME,
            "effective_at": TIME,
            "published_by": KEY,
            "material": STATE,
        },
        append_only=True,
        portal="r",
    ),
)
