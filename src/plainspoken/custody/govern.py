"""Applying what the declarations say to a migrated database, and asking whether it still says so."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connections, transaction

from . import ddl
from .places import Collects, Itself, OwnSubject, Parent, Place, Platform, places

OWNER_ALIAS = "owner"


@dataclass(frozen=True)
class Gap:
    """Something in the database or the code that no declaration covers, in one sentence."""

    place: str
    message: str


def govern(*, using: str = OWNER_ALIAS) -> int:
    """Apply every derived statement in one transaction, as the owner; returns how many."""
    count = 0
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")
        for statement in ddl.statements():
            # No parameters: a literal per cent sign in a function body must stay what it is.
            cursor.execute(statement)
            count += 1
        cursor.execute(_job_grants())
    return count


def _job_grants() -> str:
    """Jobs carry ids only; both application roles may defer them, the worker (app) runs them."""
    return f"""
    DO $$ DECLARE r record; BEGIN
      FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {ddl.APP}, {ddl.PURPOSE}', r.tablename);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO {ddl.PORTAL}', r.tablename);
      END LOOP;
      FOR r IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate%' LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {ddl.APP}, {ddl.PURPOSE}', r.signature);
        IF r.signature::text LIKE 'procrastinate_defer%' THEN
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {ddl.PORTAL}', r.signature);
        END IF;
      END LOOP;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ddl.APP}, {ddl.PURPOSE}, {ddl.PORTAL};
    END $$"""


def code_gaps() -> Iterator[Gap]:
    """Models and columns that no declaration names, and declarations that name nothing."""
    declared = {place.key: place for place in places()}
    seen = set()
    for model in apps.get_models(include_auto_created=True):
        key = model._meta.label_lower
        if not model._meta.managed or model._meta.proxy:
            continue
        seen.add(key)
        if key not in declared:
            yield Gap(
                key, f"The model {model._meta.label} is not declared. Add a Place to its declarations.py."
            )
            continue
        fields = {field.name for field in model._meta.concrete_fields}
        for missing in sorted(fields - set(declared[key].columns)):
            yield Gap(key, f"The column {model._meta.label}.{missing} is not declared. Say what it holds.")
        for stale in sorted(set(declared[key].columns) - fields):
            yield Gap(key, f"{model._meta.label} declares {stale}, which is no column. Remove it.")
        yield from _scope_gaps(declared[key])
    for key in sorted(set(declared) - seen):
        yield Gap(key, f"{declared[key].model} is declared but is no model. Remove it.")


def _scope_gaps(place: Place) -> Iterator[Gap]:
    if place.governed and not place.purposes:
        yield Gap(place.key, f"{place.model} names no purpose, so nobody could read it. Name its purposes.")
    if place.masked and not {"closed_to", "open_to"} <= set(place.columns):
        yield Gap(place.key, f"{place.model} is about subjects but carries no masks. Make it Governed.")
    if place.is_personal and isinstance(place.scope, Platform) and not place.acts.erase:
        yield Gap(
            place.key, f"{place.model} holds personal data outside the governed store without an erasure."
        )
    if place.is_personal and not place.retention:
        yield Gap(place.key, f"{place.model} holds personal data without a retention rule.")
    if isinstance(place.scope, OwnSubject | Parent) and place.scope.column not in place.columns:
        yield Gap(place.key, f"{place.model} has no column {place.scope.column} to find its subject by.")
    if isinstance(place.scope, Collects | Itself) and place.acts.erase is None:
        yield Gap(
            place.key, f"{place.model} is about several subjects or a subject itself; say what erasing does."
        )


def database_gaps(*, using: str = OWNER_ALIAS) -> Iterator[Gap]:
    """What the live database has that the declarations do not cover: tables, columns, missing security."""
    declared = {place.table: place for place in places()}
    for table, columns in sorted(_columns(using).items()):
        if table in ("django_migrations",) or table.startswith("procrastinate_"):
            continue
        if table not in declared:
            yield Gap(table, f"The table {table} is not declared. Declare or drop it.")
            continue
        place = declared[table]
        known = {ddl.column_of(place, name) for name in place.columns}
        for extra in sorted(columns - known):
            yield Gap(table, f"The column {table}.{extra} is not declared. Declare or drop it.")
    yield from _security_gaps(using, declared)


def _columns(using: str) -> dict[str, set[str]]:
    """Tables and views with their columns: a view of personal data is a place too."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT k.relname, a.attname FROM pg_class k JOIN pg_attribute a ON a.attrelid = k.oid"
            " WHERE k.relnamespace = 'public'::regnamespace AND k.relkind IN ('r', 'p', 'v', 'm', 'f')"
            " AND a.attnum > 0 AND NOT a.attisdropped"
        )
        found: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


def _security_gaps(using: str, declared: dict[str, Place]) -> Iterator[Gap]:
    secured, rules = _secured(using), _policies(using)
    granted, triggers = _granted(using), _triggers(using)
    for table, place in sorted(declared.items()):
        for role, rights in sorted(granted.get(table, {}).items()):
            if extra := rights - ddl.rights_of(place).get(role, frozenset()):
                named = ", ".join(sorted(extra))
                yield Gap(table, f"{table} is open to {role} for {named}. Run `plainspoken upgrade`.")
        for missing in sorted(ddl.triggers_of(place) - triggers.get(table, set())):
            yield Gap(table, f"{table} lacks the trigger {missing}. Run `plainspoken upgrade`.")
        if not place.governed:
            continue
        if not secured.get(table, False):
            yield Gap(table, f"Row-level security is off on {table}. Run `plainspoken upgrade`.")
        if not _as_declared(place, rules.get(table, {})):
            yield Gap(table, f"The policies of {table} are not those declared. Run `plainspoken upgrade`.")


def _secured(using: str) -> dict[str, bool]:
    """Whether row-level security is on, for the table's owner too."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        return dict(cursor.fetchall())


def _policies(using: str) -> dict[str, dict[str, tuple[set[str], str]]]:
    """By table and policy: the roles, and both expressions as the database prints them."""
    found: dict[str, dict[str, tuple[set[str], str]]] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT tablename, policyname, roles::text[], coalesce(qual, '') || ' ' || coalesce(with_check, '')"
            " FROM pg_policies WHERE schemaname = 'public'"
        )
        for table, name, roles, text in cursor.fetchall():
            found.setdefault(table, {})[name] = (set(roles), text)
    return found


def _as_declared(place: Place, rules: dict[str, tuple[set[str], str]]) -> bool:
    """Whether exactly our policies are there, for our roles, and ask for place, purposes, organisation and masks."""
    names = {"custody_keepers", "custody_read", "custody_add"}
    if not place.append_only:
        names |= {"custody_change", "custody_remove"}
    if set(rules) != names or rules["custody_keepers"][0] != {ddl.OWNER, ddl.SEARCH}:
        return False
    for name in names - {"custody_keepers"}:
        roles, text = rules[name]
        needed = ["custody_organisation()"]
        if name != "custody_add" or not place.write_any:
            needed += [f"custody_may('{place.model}'", *(f"'{one}'" for one in place.purposes)]
        if name != "custody_add":
            needed.append(f"custody_listed('{place.model}'")
        if name != "custody_add" and place.masked:
            needed += ["closed_to", "open_to", "custody_bit()", "custody_need()"]
        if roles != {ddl.PURPOSE, ddl.PORTAL} or not all(part in text for part in needed):
            return False
        if " OR " in text:
            return False
    return True


def _granted(using: str) -> dict[str, dict[str, set[str]]]:
    """By table and role: what is granted beyond its owner, on the table or on any of its columns."""
    found: dict[str, dict[str, set[str]]] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, coalesce(r.rolname, 'everybody'), a.privilege_type FROM pg_class c"
            " CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION ALL"
            "  SELECT x.* FROM pg_attribute t, aclexplode(t.attacl) x WHERE t.attrelid = c.oid) a"
            " LEFT JOIN pg_roles r ON r.oid = a.grantee"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " AND a.grantee <> c.relowner"
        )
        for table, role, right in cursor.fetchall():
            found.setdefault(table, {}).setdefault(role, set()).add(right)
    return found


def _triggers(using: str) -> dict[str, set[str]]:
    """By table: triggers that are there and switched on."""
    found: dict[str, set[str]] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal AND t.tgenabled = 'O'"
        )
        for table, name in cursor.fetchall():
            found.setdefault(table, set()).add(name)
    return found
