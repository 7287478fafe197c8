"""Whether an external PostgreSQL is fit for Plainspoken."""

import psycopg

from plainspoken.adapters.postgres import binaries, roles
from plainspoken.adapters.postgres.errors import PostgresError

AGAIN = "run `plainspoken db provision` with the URL of a superuser"

ATTRIBUTES = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY (%s)"
# One row of truths; each that does not hold is a problem.
FACTS = """
SELECT pg_encoding_to_char(d.encoding) = 'UTF8',
       pg_get_userbyid(d.datdba) = %(owner)s,
       NOT has_schema_privilege(%(app)s, 'public', 'CREATE'),
       NOT pg_has_role(%(app)s, %(owner)s, 'MEMBER') AND NOT pg_has_role(%(app)s, %(search)s, 'MEMBER'),
       pg_has_role(%(app)s, %(portal)s, 'MEMBER') AND NOT pg_has_role(%(app)s, %(portal)s, 'USAGE'),
       pg_has_role(%(owner)s, %(search)s, 'MEMBER') AND has_schema_privilege(%(search)s, 'public', 'CREATE'),
       NOT has_database_privilege('public', d.oid, 'CONNECT'),
       d.datctype NOT IN ('C', 'POSIX')
  FROM pg_database d WHERE d.datname = current_database()
"""
SENTENCES = (
    "The database {db} is not encoded as UTF8: create it anew with ENCODING 'UTF8'.",
    "The database {db} does not belong to {owner}: {again}.",
    "{app} may create tables in {db}: {again}.",
    "{app} is a member of {owner} or {search}, and would escape row-level security: revoke that membership.",
    "{app} may not take the role {portal}, or holds its rights at all times: {again}.",
    "{owner} cannot give functions to {search}: {again}.",
    "Every role of the server may connect to {db}: {again}.",
    "The database {db} has LC_CTYPE C, where ü is no letter: create it anew with LC_CTYPE 'C.UTF-8'.",
)


def check_external(url: str, owner_url: str) -> list[str]:
    """What is wrong with the database at `url` (the app's) and `owner_url` (the owner's): sentences; empty
    when fit.
    """
    problems: list[str] = []
    found: dict[str, tuple[object, ...]] = {}
    for name, address, role in (
        ("DATABASE_URL", url, roles.APP),
        ("DATABASE_OWNER_URL", owner_url, roles.OWNER),
    ):
        try:
            with psycopg.connect(address, connect_timeout=10) as connection:
                found[name] = _whereabouts(connection)
                problems += _check_login(connection, name=name, role=role)
                if name == "DATABASE_OWNER_URL" and not problems:
                    problems += _check_server(connection) + _check_roles(connection)
        except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            problems.append(f"{name} leads to no database ({reason}): check its address, role and password.")
    if len(found) == 2 and found["DATABASE_URL"] != found["DATABASE_OWNER_URL"]:
        problems.append(
            "DATABASE_URL and DATABASE_OWNER_URL lead to two databases: name the same one in both."
        )
    return problems


def _whereabouts(connection: roles.Connection) -> tuple[object, ...]:
    row = connection.execute("SELECT current_database(), pg_postmaster_start_time()").fetchone()
    assert row is not None
    return row


def _check_login(connection: roles.Connection, *, name: str, role: str) -> list[str]:
    if connection.info.server_version < roles.OLDEST_SERVER:
        major = connection.info.server_version // 10000
        return [f"{name} leads to PostgreSQL {major}: Plainspoken needs 15 or later."]
    if connection.info.user != role:
        return [f"{name} logs in as {connection.info.user}: it must be {role}; {AGAIN} to create it."]
    return []


def _check_server(owner: roles.Connection) -> list[str]:
    try:
        binaries.client("pg_dump", server=owner.info.server_version)
    except PostgresError as error:
        return [str(error)]
    return []


def _check_roles(owner: roles.Connection) -> list[str]:
    attributes = {str(row[0]): row[1:] for row in owner.execute(ATTRIBUTES, [list(roles.ROLES)])}
    missing = [role for role in roles.ROLES if role not in attributes]
    if missing:
        return [f"The role {role} is missing: {AGAIN}." for role in missing]
    problems = [
        f"The role {role} is above row-level security: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS."
        for role, powers in attributes.items()
        if any(powers)
    ]
    names = {"owner": roles.OWNER, "app": roles.APP, "search": roles.SEARCH, "portal": roles.PORTAL}
    facts = owner.execute(FACTS, names).fetchone()
    assert facts is not None
    failed = [sentence for held, sentence in zip(facts, SENTENCES, strict=True) if not held]
    return problems + [sentence.format(db=owner.info.dbname, again=AGAIN, **names) for sentence in failed]
