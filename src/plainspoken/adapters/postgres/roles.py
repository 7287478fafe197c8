"""The roles of the database, the database itself and its grants.

    plainspoken_owner   LOGIN, CREATEDB (scratch databases); owns the database, migrates, backs up, restores
    plainspoken_search  NOLOGIN; owns the search functions; the owner is a member, to give it functions
    plainspoken_app     LOGIN; may touch what is about no data subject (sessions, jobs), creates nothing
    plainspoken_purpose NOLOGIN; what the app becomes inside a purpose; only it may touch governed tables
    plainspoken_portal  NOLOGIN; the public pages; the app may SET ROLE to it, and inherits nothing from it

None is SUPERUSER or BYPASSRLS: row-level security binds them all.
"""

import time
from collections.abc import Mapping
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from plainspoken.adapters.postgres.errors import PostgresError

OWNER, SEARCH, APP, PURPOSE, PORTAL = (
    "plainspoken_owner",
    "plainspoken_search",
    "plainspoken_app",
    "plainspoken_purpose",
    "plainspoken_portal",
)
ROLES = (OWNER, SEARCH, APP, PURPOSE, PORTAL)
DATABASE = "plainspoken"
OLDEST_SERVER = 150000
APP_DEFAULTS = (
    ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
    ("USAGE, SELECT", "SEQUENCES"),
    ("EXECUTE", "FUNCTIONS"),
)
ADDRESS_PARTS = ("user", "password", "dbname", "host", "port")
PROVISION_LOCK = 0x706C61696E  # "plain": one provisioning at a time, else "tuple concurrently updated"

Connection = psycopg.Connection[tuple[object, ...]]

# How long a database that the server tidies up is waited for.
DROPPING_S = 90.0


def provision(*, admin_url: str, database: str = DATABASE, passwords: Mapping[str, str]) -> None:
    """Create or mend the four roles and the database; may be repeated. Works on PostgreSQL 15 and later.

    `admin_url` is that of a superuser, or of a role that may create roles and databases. `passwords` maps
    the two roles that log in to their passwords, which travel as SCRAM verifiers only. Raises
    PostgresError.
    """
    try:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            if admin.info.server_version < OLDEST_SERVER:
                raise PostgresError(
                    f"This is PostgreSQL {admin.info.server_version // 10000}: Plainspoken needs 15 or later."
                )
            admin.execute("SELECT pg_advisory_lock(%s)", [PROVISION_LOCK])
            for role in ROLES:
                _make_role(admin, role, passwords.get(role))
            _make_memberships(admin)
            _make_database(admin, database, owner=OWNER)
            owner_url = make_conninfo(admin_url, dbname=database, user=OWNER, password=passwords[OWNER])
            prepare(owner_url=owner_url)
    except psycopg.errors.InsufficientPrivilege as error:
        raise PostgresError(
            f"This role may not create roles or databases ({_first(error)}): use that of a superuser."
        ) from error
    except psycopg.OperationalError as error:
        raise PostgresError(
            f"We cannot reach the database ({_first(error)}): check its address and password."
        ) from error


def prepare(*, owner_url: str) -> None:
    """The grants and default privileges of one database of the owner's; may be repeated.

    Whatever the owner creates later in schema public, the app may read and write; functions only the app
    may execute, the portal nothing. The kernel narrows this, table by table.
    """
    with psycopg.connect(owner_url) as owner:
        for statement in _grants(owner.info.dbname):
            owner.execute(statement)


def create_database(*, owner_url: str, name: str) -> str:
    """Make and prepare another, empty database of the owner's, for a restore or a proof; returns its URL."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        try:
            owner.execute(_create_statement(owner, name, owner=OWNER))
        except psycopg.errors.DuplicateDatabase as error:
            raise PostgresError(
                f"There is a database {name} already: choose another name, or drop it."
            ) from error
    url = make_conninfo(owner_url, dbname=name)
    prepare(owner_url=url)
    return url


def drop_database(*, owner_url: str, name: str) -> None:
    """Drop a database of the owner's, with its connections; it need not exist."""
    if conninfo_to_dict(owner_url).get("dbname") == name:
        raise PostgresError(f"We do not drop {name}, the database that we are connected to.")
    deadline = time.monotonic() + DROPPING_S
    with psycopg.connect(owner_url, autocommit=True) as owner:
        while True:
            try:
                owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                return
            except psycopg.errors.InsufficientPrivilege:
                # The server's own autovacuum is at work there. Only its superuser may end it; it is soon done.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def url(*, role: str, password: str, database: str, host: str, port: object, **rest: object) -> str:
    """A postgresql:// URL; a host that is a folder (of a unix socket) goes into the query."""
    place = "" if host.startswith("/") or not host else f"{host}:{port}"
    if not place:
        rest = {"host": host, "port": port, **rest}
    start = f"postgresql://{role}:{quote(password, safe='')}@{place}/{quote(database, safe='')}"
    query = "&".join(f"{name}={quote(str(value), safe='/')}" for name, value in rest.items() if value)
    return f"{start}?{query}" if query else start


def url_for(admin_url: str, *, role: str, password: str, database: str) -> str:
    """The URL of another role and database on the server of `admin_url`."""
    parts = conninfo_to_dict(admin_url)
    rest = {name: value for name, value in parts.items() if name not in ADDRESS_PARTS}
    host, port = str(parts.get("host") or ""), parts.get("port") or 5432
    return url(role=role, password=password, database=database, host=host, port=port, **rest)


def _make_role(admin: Connection, role: str, password: str | None) -> None:
    name = sql.Identifier(role)
    found = admin.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if found is None:
        admin.execute(sql.SQL("CREATE ROLE {}").format(name))
    elif any(found):
        admin.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER NOBYPASSRLS").format(name))
    if role == OWNER:
        admin.execute(sql.SQL("ALTER ROLE {} LOGIN CREATEDB NOCREATEROLE").format(name))
    elif role == APP:
        # Up to PostgreSQL 15 inheritance belongs to the role, later to each membership.
        admin.execute(sql.SQL("ALTER ROLE {} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE").format(name))
    else:
        admin.execute(sql.SQL("ALTER ROLE {} NOLOGIN NOCREATEDB NOCREATEROLE").format(name))
    if password is not None:
        verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(verifier)))


def _make_memberships(admin: Connection) -> None:
    # The owner inherits from search: a restore sets the grants of functions that it has just given away.
    for role, member, inherit in ((PORTAL, APP, "FALSE"), (PURPOSE, APP, "FALSE"), (SEARCH, OWNER, "TRUE")):
        grant = sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(member))
        if admin.info.server_version >= 160000:
            grant += sql.SQL(f" WITH INHERIT {inherit}, SET TRUE")
        admin.execute(grant)
    superuser = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if superuser is not None and not superuser[0]:
        # Only a member of a role may make databases that it owns.
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER)))


def _make_database(admin: Connection, name: str, *, owner: str) -> None:
    found = admin.execute(
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s",
        [name],
    ).fetchone()
    if found is None:
        admin.execute(_create_statement(admin, name, owner=owner))
        return
    if found[1] != "UTF8":
        raise PostgresError(
            f"The database {name} has the encoding {found[1]}: name another, or make it anew with UTF8."
        )
    if found[0] != owner:
        admin.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner))
        )


def _create_statement(connection: Connection, name: str, *, owner: str) -> sql.Composed:
    create = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
        sql.Identifier(name), sql.Identifier(owner)
    )
    if connection.info.server_version >= 170000:
        create += sql.SQL(" LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
    found = connection.execute("SELECT datctype FROM pg_database WHERE datname = 'template0'").fetchone()
    if found is not None and found[0] in ("C", "POSIX"):
        # Else pg_trgm, and before PostgreSQL 17 lower(), take "ü" for no letter.
        create += sql.SQL(" LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")
    return create


def without_defaults() -> str:
    """The statements that take back the owner's default privileges, as text for psql.

    A restore begins with them: pg_dump writes grants as differences from PostgreSQL's own defaults, so
    defaults of ours would give the app, on every restored table, rights that had been taken from it.
    """
    takes = [f"REVOKE {rights} ON {kind} FROM {APP}" for rights, kind in APP_DEFAULTS]
    statements = [f"ALTER DEFAULT PRIVILEGES IN SCHEMA public {take};" for take in takes]
    return "\n".join([*statements, "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;", ""])


def _grants(database: str) -> list[sql.Composed]:
    statements = (
        "REVOKE ALL ON DATABASE {db} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {{db}} TO {OWNER}, {APP}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"REVOKE CREATE ON SCHEMA public FROM {APP}, {PURPOSE}, {PORTAL}",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {PURPOSE}, {PORTAL}",
        # A function can only be given to a role that may create in its schema.
        f"GRANT USAGE, CREATE ON SCHEMA public TO {SEARCH}",
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        *(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {APP}"
            for rights, kind in APP_DEFAULTS
        ),
    )
    return [sql.SQL(statement).format(db=sql.Identifier(database)) for statement in statements]


def _first(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
