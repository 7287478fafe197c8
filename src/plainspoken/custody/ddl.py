"""SQL derived from the declarations: row-level security, mask triggers and grants.

All of it may be applied again and again; `govern` does so after each migration, as the owner. What depends on a
table is dropped and made anew, so that a declaration that changes leaves nothing behind.
"""

from collections.abc import Iterator
from importlib import resources

from django.db import models

from .models import Decision, Subject
from .places import Collects, Itself, OwnSubject, Parent, Place, Platform, functions, place, places

OWNER, SEARCH = "plainspoken_owner", "plainspoken_search"
# The application signs in as APP, which may touch no governed table; entering a purpose makes it PURPOSE.
APP, PURPOSE, PORTAL = "plainspoken_app", "plainspoken_purpose", "plainspoken_portal"
DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"


def statements() -> Iterator[str]:
    """Every statement, in an order that works on an empty and on a governed database."""
    yield resources.files("plainspoken.custody").joinpath("sql/kernel.sql").read_text("utf-8")
    for declared in places():
        yield from _no_samples(declared)
        if isinstance(declared.scope, Platform):
            yield from _platform_grants(declared)
            continue
        yield from _security(declared)
        yield from _mask_triggers(declared)
        yield from _grants(declared)
    yield from functions()


def column_of(declared: Place, field: str) -> str:
    """The database column of a model's field."""
    return str(declared.model_class._meta.get_field(field).column)  # type: ignore[union-attr]


def _security(declared: Place) -> Iterator[str]:
    table = declared.table
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield from _drop_policies(table)
    yield (f"CREATE POLICY custody_keepers ON {table} TO {OWNER}, {SEARCH} USING (true) WITH CHECK (true)")
    rows = _visible(declared)
    own = "organisation_id = (SELECT custody_organisation())"
    check = own if declared.write_any else f"{_may(declared)} AND {own}"
    yield f"CREATE POLICY custody_read ON {table} FOR SELECT TO {PURPOSE}, {PORTAL} USING ({rows})"
    yield f"CREATE POLICY custody_add ON {table} FOR INSERT TO {PURPOSE}, {PORTAL} WITH CHECK ({check})"
    if not declared.append_only:
        yield f"CREATE POLICY custody_change ON {table} FOR UPDATE TO {PURPOSE}, {PORTAL} USING ({rows}) WITH CHECK ({check})"
        yield f"CREATE POLICY custody_remove ON {table} FOR DELETE TO {PURPOSE}, {PORTAL} USING ({rows})"


def _drop_policies(table: str) -> Iterator[str]:
    for name in ("custody_keepers", "custody_read", "custody_add", "custody_change", "custody_remove"):
        yield f"DROP POLICY IF EXISTS {name} ON {table}"


def _may(declared: Place) -> str:
    return f"(SELECT custody_may({_listed(declared)}))"


def _listed(declared: Place) -> str:
    purposes = ", ".join(f"'{name}'" for name in declared.purposes)
    return f"'{declared.model}', ARRAY[{purposes}]::text[]"


def _visible(declared: Place) -> str:
    parts = [
        f"custody_listed({_listed(declared)})",
        _may(declared),
        "organisation_id = (SELECT custody_organisation())",
    ]
    if declared.masked:
        # One comparison, and `< 1` rather than `= 0`: of an equality the planner expects one row in 200, and of
        # two one in 40,000, and then plans joins and sorts for a handful. Neither mask has a sign bit (62 bits).
        parts.append("((closed_to & (SELECT custody_bit())) | (~open_to & (SELECT custody_need()))) < 1")
    return " AND ".join(parts)


def _grants(declared: Place) -> Iterator[str]:
    table = declared.table
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {APP}, {PURPOSE}, {PORTAL}, {SEARCH}"
    yield f"GRANT {_rights(declared, 'w')} ON {table} TO {PURPOSE}"
    yield f"GRANT SELECT ON {table} TO {SEARCH}"
    if declared.portal:
        yield f"GRANT {_rights(declared, declared.portal)} ON {table} TO {PORTAL}"
    yield from _fixed(declared)


def _fixed(declared: Place) -> Iterator[str]:
    """Rows of an append-only place do not change, for the owner either; who drops the trigger leaves a broken seal."""
    table = declared.table
    yield f"DROP TRIGGER IF EXISTS custody_fixed ON {table}; DROP TRIGGER IF EXISTS custody_fixed_whole ON {table}"
    if declared.append_only:
        yield (
            f"CREATE TRIGGER custody_fixed BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION custody_unchangeable()"
        )
        yield (
            f"CREATE TRIGGER custody_fixed_whole BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION custody_unchangeable()"
        )


def _rights(declared: Place, portal: str) -> str:
    if portal == "r":
        return "SELECT"
    return "SELECT, INSERT" if declared.append_only else "SELECT, INSERT, UPDATE, DELETE"


def _platform_grants(declared: Place) -> Iterator[str]:
    yield f"REVOKE ALL ON {declared.table} FROM PUBLIC, {APP}, {PURPOSE}, {PORTAL}, {SEARCH}"
    yield f"GRANT {'SELECT' if declared.kept_by_owner else _rights(declared, 'w')} ON {declared.table} TO {APP}, {PURPOSE}"
    if declared.portal:
        yield f"GRANT {_rights(declared, declared.portal)} ON {declared.table} TO {PORTAL}"
    yield from _fixed(declared)


# Facts by which people filter lists; a planner that knows nothing of them makes bad plans. They name nobody.
FACTS = ("call", "choice", "language", "measure")


def unsampled(declared: Place) -> list[str]:
    """Columns with text of people in clear, of which the planner's statistics must keep no samples."""
    texts = (models.CharField, models.TextField, models.JSONField)
    return [
        column_of(declared, name)
        for name, column in declared.columns.items()
        if column.category and column.category not in FACTS and not column.sealed
        and isinstance(declared.model_class._meta.get_field(name), texts)
    ]  # fmt: skip


def _no_samples(declared: Place) -> Iterator[str]:
    """pg_statistic holds values as they stand, and an erasure does not reach it (nor does ANALYZE of a table
    that became empty). No plan of ours needs them: such columns are found by unique index or by search.
    """
    for column in unsampled(declared):
        yield f'ALTER TABLE {declared.table} ALTER COLUMN "{column}" SET STATISTICS 0'


def rights_of(declared: Place) -> dict[str, frozenset[str]]:
    """What each database role may do at a place, beyond its owner: what a check compares grants with."""

    def those(rights: str) -> frozenset[str]:
        return frozenset(rights.split(", "))

    found = {PORTAL: those(_rights(declared, declared.portal))} if declared.portal else {}
    if declared.governed:
        return {**found, PURPOSE: those(_rights(declared, "w")), SEARCH: those("SELECT")}
    own = those("SELECT" if declared.kept_by_owner else _rights(declared, "w"))
    return {**found, APP: own, PURPOSE: own}


def triggers_of(declared: Place) -> frozenset[str]:
    """The triggers on a place's own table that its masks and its immutability rest on."""
    named = set()
    match declared.scope:
        case OwnSubject() if declared.model == "custody.Decision":
            named.add("custody_decide")
        case OwnSubject() | Parent():
            named.add("custody_take")
    if declared.append_only:
        named |= {"custody_fixed", "custody_fixed_whole"}
    for other in places():
        if isinstance(other.scope, Collects) and place(other.scope.through) == declared:
            named.add("custody_gather")
        if isinstance(other.scope, OwnSubject | Parent) and other.model != "custody.Decision":
            related = other.model_class._meta.get_field(other.scope.column).related_model
            if related is declared.model_class:
                named.add(f"custody_follow_{other.table}")
    return frozenset(named)


# ---- masks -----------------------------------------------------------------------------------------------------


def _mask_triggers(declared: Place) -> Iterator[str]:
    match declared.scope:
        case OwnSubject(column=column):
            if declared.model != "custody.Decision":
                yield from _inherit(declared, column, Subject._meta.db_table)
            else:
                yield from _decisions(declared)
        case Parent(column=column):
            parent = declared.model_class._meta.get_field(column).related_model
            yield from _inherit(declared, column, parent._meta.db_table)  # type: ignore[union-attr]
        case Collects() as collects:
            yield from _collect(declared, collects)
        case Itself():
            yield from ()
        case _:
            yield from ()


def _inherit(declared: Place, column: str, parent: str) -> Iterator[str]:
    """A row takes its parent's masks when it arrives, and follows when they change.

    FOR SHARE on the parent and the parent's own UPDATE exclude one another: no row slips between a decision and
    its effect.
    """
    table, key = declared.table, column_of(declared, column)
    name = f"custody_take_{table}"
    yield f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  IF NEW.{key} IS NOT NULL THEN
    SELECT p.closed_to, p.open_to INTO STRICT NEW.closed_to, NEW.open_to
      FROM {parent} p WHERE p.id = NEW.{key} AND p.organisation_id = NEW.organisation_id FOR SHARE;
  END IF;
  RETURN NEW;
EXCEPTION WHEN no_data_found THEN
  RAISE EXCEPTION '{declared.model} names a row of another organisation or none.' USING ERRCODE = 'PS002';
END $$"""
    yield f"DROP TRIGGER IF EXISTS custody_take ON {table}"
    yield (
        f"CREATE TRIGGER custody_take BEFORE INSERT OR UPDATE OF {key} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    follow = f"custody_follow_{table}"
    yield f"""CREATE OR REPLACE FUNCTION {follow}() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  UPDATE {table} SET closed_to = NEW.closed_to, open_to = NEW.open_to
   WHERE {key} = NEW.id AND (closed_to, open_to) IS DISTINCT FROM (NEW.closed_to, NEW.open_to);
  RETURN NULL;
END $$"""
    yield f"DROP TRIGGER IF EXISTS {follow} ON {parent}"
    yield (
        f"CREATE TRIGGER {follow} AFTER UPDATE OF closed_to, open_to ON {parent} FOR EACH ROW"
        " WHEN (OLD.closed_to IS DISTINCT FROM NEW.closed_to OR OLD.open_to IS DISTINCT FROM NEW.open_to)"
        f" EXECUTE FUNCTION {follow}()"
    )


def _collect(declared: Place, collects: Collects) -> Iterator[str]:
    """A row is closed to what any of its subjects is closed to, and open to what all are open to."""
    table = declared.table
    link = place(collects.through)
    through, key = link.table, column_of(link, collects.column)
    roles = ", ".join(f"'{role}'" for role in collects.roles)
    name = f"custody_gather_{table}"
    yield f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_id uuid; v_closed bigint; v_open bigint;
BEGIN
  IF TG_OP = 'DELETE' THEN v_id := OLD.{key}; ELSE v_id := NEW.{key}; END IF;
  PERFORM 1 FROM {table} WHERE id = v_id FOR NO KEY UPDATE;
  SELECT coalesce(bit_or(closed_to), 0), coalesce(bit_and(open_to), 0) INTO v_closed, v_open
    FROM {through} WHERE {key} = v_id AND role IN ({roles});
  UPDATE {table} SET closed_to = v_closed, open_to = v_open
   WHERE id = v_id AND (closed_to, open_to) IS DISTINCT FROM (v_closed, v_open);
  RETURN NULL;
END $$"""
    yield f"DROP TRIGGER IF EXISTS custody_gather ON {through}"
    yield (
        f"CREATE TRIGGER custody_gather AFTER INSERT OR DELETE OR UPDATE ON {through}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _decisions(declared: Place) -> Iterator[str]:
    """A decision locks its subject FOR UPDATE and makes the subject's masks anew."""
    decisions, subjects = Decision._meta.db_table, Subject._meta.db_table
    yield f"""CREATE OR REPLACE FUNCTION custody_decide() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE v_subject uuid; v_closed bigint; v_open bigint;
BEGIN
  IF TG_OP = 'DELETE' THEN v_subject := OLD.subject_id; ELSE v_subject := NEW.subject_id; END IF;
  PERFORM 1 FROM {subjects} WHERE id = v_subject FOR UPDATE;
  SELECT coalesce(bit_or(1::bigint << p.bit) FILTER (WHERE d.kind <> 'consent'), 0),
         coalesce(bit_or(1::bigint << p.bit) FILTER (WHERE d.kind = 'consent'), 0)
    INTO v_closed, v_open
    FROM {decisions} d CROSS JOIN LATERAL unnest(d.purposes) AS named(purpose)
    JOIN custody_purpose p ON p.name = named.purpose
   WHERE d.subject_id = v_subject AND d.lifted_at IS NULL;
  UPDATE {subjects} SET closed_to = v_closed, open_to = v_open
   WHERE id = v_subject AND (closed_to, open_to) IS DISTINCT FROM (v_closed, v_open);
  RETURN NULL;
END $$"""
    yield f"DROP TRIGGER IF EXISTS custody_decide ON {decisions}"
    yield (
        f"CREATE TRIGGER custody_decide AFTER INSERT OR UPDATE OR DELETE ON {decisions}"
        " FOR EACH ROW EXECUTE FUNCTION custody_decide()"
    )
