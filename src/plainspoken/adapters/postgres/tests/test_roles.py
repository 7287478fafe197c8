"""Roles, grants and databases: the same tests on the embedded server and on an external PostgreSQL 15."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import PostgresError
from plainspoken.adapters.postgres.roles import APP, OWNER, PORTAL, ROLES, SEARCH
from plainspoken.adapters.postgres.tests.conftest import External, Target, provide

Denied = psycopg.errors.InsufficientPrivilege


@pytest.fixture
def guarded(target: Target) -> Target:
    """With a table of two organisations under forced row-level security."""
    with target.owner() as owner:
        owner.execute("CREATE TABLE calls (id int PRIMARY KEY, organisation int, words text)")
        owner.execute("INSERT INTO calls VALUES (1, 1, 'ours'), (2, 2, 'theirs')")
        owner.execute("ALTER TABLE calls ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE calls FORCE ROW LEVEL SECURITY")
        owner.execute(
            f"CREATE POLICY one ON calls TO {APP}, {PORTAL} "
            "USING (organisation = current_setting('our.organisation', true)::int)"
        )
    return target


def test_the_addresses_work(target: Target) -> None:
    with target.app() as app, target.owner() as owner:
        assert app.execute("SELECT current_user").fetchone() == (APP,)
        assert owner.execute("SELECT current_user").fetchone() == (OWNER,)
        assert app.info.dbname == owner.info.dbname
        row = owner.execute(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", [app.info.dbname]
        )
        assert row.fetchone() == ("UTF8",)


def test_no_role_is_above_row_level_security(target: Target) -> None:
    with target.admin() as admin:
        found = admin.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcreatedb, rolcanlogin "
            "FROM pg_roles WHERE rolname LIKE 'plainspoken%'"
        ).fetchall()
    assert {row[0] for row in found} == set(ROLES)
    for name, *powers in found:
        assert powers[:4] == [False] * 4
        assert powers[4] == (name == OWNER)
        assert powers[5] == (name in (OWNER, APP))


def test_row_level_security_binds_everybody(guarded: Target) -> None:
    with guarded.app() as app:
        assert app.execute("SELECT * FROM calls").fetchall() == []
        app.execute("SET our.organisation = 1")
        assert app.execute("SELECT words FROM calls").fetchall() == [("ours",)]
        with pytest.raises(Denied):
            app.execute("INSERT INTO calls VALUES (3, 2, 'smuggled')")
        app.execute("SET row_security = off")
        with pytest.raises(Denied, match="row-level security"):
            app.execute("SELECT * FROM calls")
    with guarded.owner() as owner:  # no policy is for the owner: it sees nothing either
        assert owner.execute("SELECT * FROM calls").fetchall() == []


FORBIDDEN_TO_THE_APP = [
    "CREATE TABLE mine (n int)",
    "CREATE TEMP TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION pg_trgm",
    "ALTER TABLE calls DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY all_of_it ON calls USING (true)",
    "DROP POLICY one ON calls",
    "TRUNCATE calls",
    "DROP TABLE calls",
    "ALTER ROLE plainspoken_app BYPASSRLS",
    "ALTER ROLE plainspoken_app SUPERUSER",
    "COPY calls TO PROGRAM 'cat'",
    "COPY calls TO '/tmp/calls'",
    "SELECT rolpassword FROM pg_authid",
    "SET ROLE plainspoken_owner",
    "SET ROLE plainspoken_search",
    "SET SESSION AUTHORIZATION plainspoken_owner",
    "SET log_statement = 'all'",
    "ALTER SYSTEM SET log_statement = 'all'",
]


def test_what_the_app_may_not_do(guarded: Target) -> None:
    for statement in FORBIDDEN_TO_THE_APP:
        with guarded.app() as app:
            try:
                app.execute(statement)
            except Denied:
                continue
        pytest.fail(f"the app may do this: {statement}")


def test_the_app_grants_nothing(guarded: Target) -> None:
    with guarded.app() as app:
        app.execute(f"GRANT SELECT ON calls TO {PORTAL}")  # PostgreSQL only warns
        row = app.execute(f"SELECT has_table_privilege('{PORTAL}', 'calls', 'SELECT')").fetchone()
        assert row == (False,)


def test_the_app_reads_and_writes_what_the_owner_makes(target: Target) -> None:
    with target.owner() as owner:
        owner.execute("CREATE TABLE notes (id serial PRIMARY KEY, word text)")
        owner.execute("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'")
    with target.app() as app:
        app.execute("INSERT INTO notes (word) VALUES ('a'), ('b')")
        app.execute("UPDATE notes SET word = 'c' WHERE id = 1")
        app.execute("DELETE FROM notes WHERE id = 2")
        assert app.execute("SELECT word, twice(21) FROM notes").fetchall() == [("c", 42)]


def test_the_portal_reads_only_what_it_was_granted(guarded: Target) -> None:
    with guarded.owner() as owner:
        owner.execute("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'")
    with guarded.app() as app:
        app.execute(f"SET ROLE {PORTAL}")
        app.execute("SET our.organisation = 1")
        for statement in (
            "SELECT * FROM calls",
            "DELETE FROM calls",
            "SELECT twice(1)",
            "CREATE TABLE x (n int)",
        ):
            with pytest.raises(Denied):
                app.execute(statement)
        with guarded.owner() as owner:
            owner.execute(f"GRANT SELECT ON calls TO {PORTAL}")
        assert app.execute("SELECT words FROM calls").fetchall() == [("ours",)]
        with pytest.raises(Denied):
            app.execute("DELETE FROM calls")
        app.execute("RESET ROLE")
        app.execute("DELETE FROM calls")


def test_the_app_does_not_inherit_from_the_portal(target: Target) -> None:
    with target.owner() as owner:
        owner.execute("CREATE TABLE public_pages (n int)")
        owner.execute(f"REVOKE ALL ON public_pages FROM {APP}")
        owner.execute(f"GRANT SELECT ON public_pages TO {PORTAL}")
    with target.app() as app:
        with pytest.raises(Denied):
            app.execute("SELECT * FROM public_pages")
        app.execute(f"SET ROLE {PORTAL}")
        app.execute("SELECT * FROM public_pages")


def test_nobody_can_log_in_as_search_or_portal(target: Target) -> None:
    for role in (SEARCH, PORTAL):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(target.urls["DATABASE_URL"], user=role, password="")


def test_the_owner_gives_functions_to_search(guarded: Target) -> None:
    with guarded.owner() as owner:
        owner.execute(f"CREATE POLICY all_of_it ON calls TO {SEARCH} USING (true)")
        owner.execute(f"GRANT SELECT ON calls TO {SEARCH}")
        owner.execute(
            "CREATE FUNCTION find(wanted text) RETURNS SETOF int LANGUAGE sql SECURITY DEFINER "
            "SET search_path = public AS 'SELECT id FROM calls WHERE words = wanted'"
        )
        owner.execute(f"ALTER FUNCTION find(text) OWNER TO {SEARCH}")
        owner.execute(f"GRANT EXECUTE ON FUNCTION find(text) TO {APP}")
    with guarded.app() as app:
        assert app.execute("SELECT find('theirs')").fetchall() == [(2,)]
        app.execute(f"SET ROLE {PORTAL}")
        with pytest.raises(Denied):
            app.execute("SELECT find('theirs')")


def test_another_role_cannot_connect(target: Target) -> None:
    name, password = f"stranger_{secrets.token_hex(4)}", secrets.token_hex(8)
    with target.admin() as admin, target.app() as app:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))
        try:
            with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
                psycopg.connect(target.urls["DATABASE_URL"], user=name, password=password)
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
        assert app.execute("SELECT 1").fetchone() == (1,)


def test_provision_again_mends_what_was_broken(target: Target) -> None:
    with target.admin() as admin:
        admin.execute(f"ALTER ROLE {APP} SUPERUSER BYPASSRLS CREATEDB CREATEROLE INHERIT")
        admin.execute(f"ALTER ROLE {PORTAL} LOGIN")
        admin.execute(f"REVOKE {PORTAL} FROM {APP}")
    with target.owner() as owner:
        database = owner.info.dbname
        owner.execute(f"GRANT CREATE ON SCHEMA public TO {APP}")
        owner.execute("CREATE TABLE kept (n int)")
    new = {OWNER: "owner's % pass", APP: "a new one"}
    postgres.provision(admin_url=target.admin_url, database=database, passwords=new)
    try:
        with pytest.raises(psycopg.OperationalError, match="password"):
            target.app()
        url = postgres.url_for(target.admin_url, role=APP, password="a new one", database=database)
        assert postgres.check_external(url, target.urls["DATABASE_OWNER_URL"]) == []
        with psycopg.connect(url) as app:
            app.execute("SELECT * FROM kept")
            powers = app.execute(
                "SELECT rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
            assert powers.fetchone() == (False, False)
    finally:
        provide(target.admin_url)  # the old passwords


def by_a_cloud(admin_url: str) -> None:
    """As managed servers have it: an administrator who may make roles and databases, and is no superuser."""
    name, password = f"cloud_{secrets.token_hex(4)}", secrets.token_hex(8)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN CREATEROLE CREATEDB PASSWORD '{password}'")
    cloud_url = postgres.url_for(admin_url, role=name, password=password, database="postgres")
    target = provide(cloud_url)
    assert postgres.check_external(target.urls["DATABASE_URL"], target.urls["DATABASE_OWNER_URL"]) == []
    provide(cloud_url)


def test_an_administrator_without_superuser_18(fresh: Path) -> None:
    by_a_cloud(postgres.ensure(data=fresh).admin_url)


def test_an_administrator_without_superuser_15(external: External) -> None:
    by_a_cloud(external.admin_url)


def test_many_provision_at_once(target: Target) -> None:
    with ThreadPoolExecutor(6) as pool:
        for made in pool.map(provide, [target.admin_url] * 6):
            made.app().close()


def test_scratch_databases_of_the_owner(target: Target) -> None:
    owner_url = target.urls["DATABASE_OWNER_URL"]
    name = f"scratch_{secrets.token_hex(4)}"
    url = postgres.create_database(owner_url=owner_url, name=name)
    with psycopg.connect(url) as owner:
        owner.execute("CREATE TABLE t (n int)")
    with psycopg.connect(target.urls["DATABASE_URL"], dbname=name) as app:
        app.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(Denied):
            app.execute("CREATE TABLE mine (n int)")
    with pytest.raises(PostgresError, match="already"):
        postgres.create_database(owner_url=owner_url, name=name)
    held = psycopg.connect(url)
    postgres.drop_database(owner_url=owner_url, name=name)
    postgres.drop_database(owner_url=owner_url, name=name)
    held.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
    with pytest.raises(PostgresError, match="connected to"):
        postgres.drop_database(owner_url=url, name=name)


def test_a_database_in_another_encoding_is_refused(target: Target) -> None:
    name = f"latin_{secrets.token_hex(4)}"
    with target.admin() as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(PostgresError, match="has the encoding LATIN1"):
        postgres.provision(admin_url=target.admin_url, database=name, passwords={OWNER: "x", APP: "y"})


def test_who_may_not_make_roles_is_told(target: Target) -> None:
    with pytest.raises(PostgresError, match="use that of a superuser"):
        postgres.provision(admin_url=target.urls["DATABASE_URL"], passwords={OWNER: "x", APP: "y"})
    with pytest.raises(PostgresError, match="We cannot reach the database"):
        postgres.provision(admin_url="postgresql://nobody@/x?host=/nowhere", passwords={OWNER: "x", APP: "y"})


# An external server that is not fit


@pytest.fixture
def fit(external: External) -> Iterator[Target]:
    made = provide(external.admin_url)
    yield made
    provide(external.admin_url)


def problems(target: Target) -> list[str]:
    return postgres.check_external(target.urls["DATABASE_URL"], target.urls["DATABASE_OWNER_URL"])


def test_a_fit_external_server(fit: Target) -> None:
    assert problems(fit) == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (f"ALTER ROLE {APP} SUPERUSER", f"The role {APP} is above row-level security: ALTER ROLE"),
        (f"ALTER ROLE {SEARCH} BYPASSRLS", f"The role {SEARCH} is above row-level security: ALTER ROLE"),
        (f"GRANT {OWNER} TO {APP}", f"{APP} is a member of {OWNER} or {SEARCH}"),
        (f"REVOKE {PORTAL} FROM {APP}", f"{APP} may not take the role {PORTAL}"),
        (f"REVOKE {SEARCH} FROM {OWNER}", f"{OWNER} cannot give functions to {SEARCH}"),
        ("GRANT CONNECT ON DATABASE {db} TO PUBLIC", "Every role of the server may connect"),
        ("ALTER DATABASE {db} OWNER TO boss", "leads to no database"),
        (
            f"ALTER DATABASE {{db}} OWNER TO boss; GRANT CONNECT ON DATABASE {{db}} TO {OWNER}",
            "does not belong to",
        ),
    ],
)
def test_an_unfit_external_server(fit: Target, damage: str, sentence: str) -> None:
    with fit.admin() as admin, fit.app() as app:
        admin.execute(damage.format(db=app.info.dbname))
        try:
            found = problems(fit)
            assert any(sentence in problem for problem in found), found
        finally:
            admin.execute(f"REVOKE {OWNER} FROM {APP}")
    provide(fit.admin_url)  # provision is what the sentences tell people to do


def test_an_external_server_that_is_too_old(fit: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plainspoken.adapters.postgres.roles.OLDEST_SERVER", 990000)
    assert all("Plainspoken needs 15 or later" in problem for problem in problems(fit))
    with pytest.raises(PostgresError, match="needs 15 or later"):
        provide(fit.admin_url)


def test_addresses_that_lead_elsewhere(fit: Target) -> None:
    app, owner = fit.urls["DATABASE_URL"], fit.urls["DATABASE_OWNER_URL"]
    assert "leads to no database" in postgres.check_external("postgresql://a@/x?host=/nowhere", owner)[0]
    assert "DATABASE_URL logs in as plainspoken_owner" in postgres.check_external(owner, owner)[0]
    other = provide(fit.admin_url)
    assert "lead to two databases" in postgres.check_external(app, other.urls["DATABASE_OWNER_URL"])[0]
    assert "leads to no database" in postgres.check_external("no such thing", owner)[0]
