"""Removing a whole organisation, keys first. Only for those that are not live: their ledger goes with them."""

from uuid import UUID

from django.db import connections, models, transaction

from .models import Organisation
from .places import places
from .ports import keyring, object_store

OWNER_ALIAS = "owner"
FURTHEST = 3


class RemovalRefused(PermissionError):
    """A live organisation is not removed like this."""


def remove(*, organisation: UUID) -> int:
    """Destroy the keys, then remove every row and object of a demonstration or proving organisation."""
    row = Organisation.objects.get(id=organisation)
    if row.kind == Organisation.Kind.LIVE:
        raise RemovalRefused(
            f"{row.name} is live. Only a demonstration or proving organisation is removed whole."
        )
    names = list(object_store().names(prefix=str(organisation)))
    keyring().forget(organisation=organisation)
    removed = 0
    with transaction.atomic(using=OWNER_ALIAS), connections[OWNER_ALIAS].cursor() as cursor:
        # Foreign keys are deferred to the commit, so the order of tables does not matter.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for declared in places():
            path = _path(declared.model_class)
            if path is None:
                continue
            rows = declared.model_class._default_manager.using(OWNER_ALIAS).filter(**{path: organisation})
            removed += rows._raw_delete(OWNER_ALIAS)  # type: ignore[attr-defined]
        removed += Organisation.objects.using(OWNER_ALIAS).filter(id=organisation)._raw_delete(OWNER_ALIAS)  # type: ignore[attr-defined]
    for name in names:
        object_store().delete(name=name)
    return removed


def _path(model: type[models.Model], depth: int = 0) -> str | None:
    """The lookup from a model to its organisation, over foreign keys that are never empty."""
    keys = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    for key in keys:
        if key.related_model is Organisation:
            return f"{key.name}_id" if depth == 0 else f"{key.name}"
    if depth == FURTHEST:
        return None
    for key in keys:
        if key.null or key.related_model is model:
            continue
        further = _path(key.related_model, depth + 1)  # type: ignore[arg-type]
        if further:
            return f"{key.name}__{further}"
    return None
