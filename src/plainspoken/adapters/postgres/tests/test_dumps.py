"""A database out to a file and back: within one server, and between PostgreSQL 15 and 18."""

import io
import os
import secrets
import stat
from pathlib import Path

import psycopg
import pytest

from plainspoken.adapters import postgres
from plainspoken.adapters.postgres import PostgresError
from plainspoken.adapters.postgres.roles import APP, OWNER, PORTAL, SEARCH
from plainspoken.adapters.postgres.tests.conftest import External, Target, provide

FINGERPRINT = """
SELECT 'row', id::text, words FROM calls
UNION ALL SELECT 'policy', polname, pg_get_expr(polqual, polrelid)
                 || (SELECT string_agg(rolname, ',' ORDER BY rolname)
                       FROM pg_roles WHERE oid = ANY (polroles))
            FROM pg_policy
UNION ALL SELECT 'function', proname, proowner::regrole || prosecdef::text || proacl::text
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = 'find'
UNION ALL SELECT 'table', relname, relowner::regrole || relrowsecurity::text || relforcerowsecurity::text
                 || relacl::text
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'schema', nspname, nspacl::text FROM pg_namespace WHERE nspname = 'public'
UNION ALL SELECT 'extension', extname, '' FROM pg_extension
UNION ALL SELECT 'default', defaclobjtype::text, defaclacl::text FROM pg_default_acl
UNION ALL SELECT 'next', nextval('calls_id_seq')::text, ''
ORDER BY 1, 2, 3
"""


def fill(target: Target) -> None:
    with target.owner() as owner:
        owner.execute("CREATE EXTENSION pg_trgm")
        owner.execute("CREATE TABLE calls (id serial PRIMARY KEY, words text NOT NULL, sound bytea)")
        owner.execute("CREATE INDEX calls_words ON calls USING gin (words gin_trgm_ops)")
        owner.execute(
            "INSERT INTO calls (words, sound) SELECT 'Grüße ' || n, '\\x00ff' FROM generate_series(1, 500) n"
        )
        owner.execute("INSERT INTO calls (words) VALUES ('SET transaction_timeout = 0;')")
        owner.execute("ALTER TABLE calls ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE calls FORCE ROW LEVEL SECURITY")
        owner.execute(f"CREATE POLICY owners ON calls TO {OWNER}, {SEARCH} USING (true)")
        owner.execute(
            f"CREATE POLICY apps ON calls TO {APP} USING (id = current_setting('our.id', true)::int)"
        )
        owner.execute(f"GRANT SELECT ON calls TO {PORTAL}, {SEARCH}")
        owner.execute(f"REVOKE UPDATE, DELETE ON calls FROM {APP}")  # a restore must not give it back
        owner.execute(
            "CREATE FUNCTION find(wanted text) RETURNS SETOF int LANGUAGE sql SECURITY DEFINER "
            "SET search_path = public AS 'SELECT id FROM calls WHERE words = wanted'"
        )
        owner.execute(f"ALTER FUNCTION find(text) OWNER TO {SEARCH}")
        owner.execute(f"REVOKE ALL ON FUNCTION find(text) FROM PUBLIC, {APP}")
        owner.execute(f"GRANT EXECUTE ON FUNCTION find(text) TO {PORTAL}")


def fingerprint(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as owner:
        return owner.execute(FINGERPRINT).fetchall()


def scratch(target: Target) -> str:
    return postgres.create_database(
        owner_url=target.urls["DATABASE_OWNER_URL"], name=f"s{secrets.token_hex(4)}"
    )


def test_out_and_back(target: Target, folder: Path) -> None:
    fill(target)
    owner_url = target.urls["DATABASE_OWNER_URL"]
    postgres.dump(owner_url=owner_url, out=folder / "one.dump")
    assert stat.S_IMODE((folder / "one.dump").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["one.dump"]
    back = scratch(target)
    postgres.load(owner_url=back, source=folder / "one.dump")
    before, after = fingerprint(owner_url), fingerprint(back)
    assert before == after
    assert len(before) > 510
    with psycopg.connect(
        target.urls["DATABASE_URL"], dbname=psycopg.conninfo.conninfo_to_dict(back)["dbname"]
    ) as app:
        app.execute("SET our.id = 7")
        assert app.execute("SELECT words FROM calls").fetchall() == [("Grüße 7",)]


def test_between_versions(external: External, second: Path, folder: Path) -> None:
    embedded = provide(postgres.ensure(data=second).admin_url)
    other = provide(external.admin_url)
    fill(embedded)
    postgres.dump(owner_url=embedded.urls["DATABASE_OWNER_URL"], out=folder / "new.dump")
    postgres.load(owner_url=other.urls["DATABASE_OWNER_URL"], source=folder / "new.dump")
    postgres.dump(owner_url=other.urls["DATABASE_OWNER_URL"], out=folder / "old.dump")
    back = scratch(embedded)
    postgres.load(owner_url=back, source=folder / "old.dump")

    def comparable(url: str) -> list[tuple[object, ...]]:
        # PostgreSQL 17 brought the privilege MAINTAIN ("m"), which the owner of a table then has.
        return [(kind, name, str(value).replace("Dxtm/", "Dxt/")) for kind, name, value in fingerprint(url)]

    first, middle = (
        comparable(embedded.urls["DATABASE_OWNER_URL"]),
        comparable(other.urls["DATABASE_OWNER_URL"]),
    )
    assert first == middle
    assert [row for row in comparable(back) if row[0] != "next"] == [row for row in first if row[0] != "next"]


def test_through_streams(target: Target) -> None:
    fill(target)
    owner_url = target.urls["DATABASE_OWNER_URL"]
    stream = io.BytesIO()
    postgres.dump(owner_url=owner_url, out=stream)
    assert "Grüße".encode() not in stream.getvalue()  # compressed
    stream.seek(0)
    back = scratch(target)
    postgres.load(owner_url=back, source=stream)
    assert fingerprint(back) == fingerprint(owner_url)


def test_a_dump_that_would_miss_rows_is_refused(target: Target, folder: Path) -> None:
    fill(target)
    owner_url = target.urls["DATABASE_OWNER_URL"]
    for damage, mend in (
        ("DROP POLICY owners ON calls", f"CREATE POLICY owners ON calls TO {OWNER}, {SEARCH} USING (true)"),
        ("CREATE POLICY late ON calls AS RESTRICTIVE USING (id > 5)", "DROP POLICY late ON calls"),
        (f"ALTER POLICY owners ON calls TO {APP}", f"ALTER POLICY owners ON calls TO {OWNER}"),
    ):
        with target.owner() as owner:
            owner.execute(damage)
        with pytest.raises(PostgresError, match=r"would miss rows of calls: give plainspoken_owner a policy"):
            postgres.dump(owner_url=owner_url, out=folder / "x.dump")
        with target.owner() as owner:
            owner.execute(mend)
        postgres.dump(owner_url=owner_url, out=folder / "x.dump")


def tables(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as owner:
        return owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchall()


class Breaking(io.BytesIO):
    """A stream that finds out at its end that it was tampered with, as an authenticated cipher does."""

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if not found:
            raise ValueError("the seal is broken")
        return found


def test_a_broken_dump_restores_nothing(target: Target, folder: Path) -> None:
    fill(target)
    with target.owner() as owner:  # large enough that psql has begun when the end is found missing
        owner.execute(
            "CREATE TABLE large AS SELECT n, md5(n::text) AS word FROM generate_series(1, 100000) n"
        )
    whole = folder / "whole.dump"
    postgres.dump(owner_url=target.urls["DATABASE_OWNER_URL"], out=whole)
    content = whole.read_bytes()
    back = scratch(target)
    for part in (content[:-200_000], content[:500], b"", b"something else"):
        with pytest.raises(PostgresError, match="no whole dump of a database, and nothing was restored"):
            postgres.load(owner_url=back, source=io.BytesIO(part))
        assert tables(back) == []
    with pytest.raises(ValueError, match="the seal is broken"):
        postgres.load(owner_url=back, source=Breaking(content))
    assert tables(back) == []
    with pytest.raises(PostgresError, match=r"We cannot read .*: name a dump that is there"):
        postgres.load(owner_url=back, source=folder / "nowhere.dump")
    postgres.load(owner_url=back, source=whole)
    with pytest.raises(PostgresError, match="is not empty: restore into a new one"):
        postgres.load(owner_url=back, source=whole)


def test_a_failing_restore_says_a_code_and_no_values(target: Target, folder: Path) -> None:
    fill(target)
    with target.owner() as owner:
        owner.execute(
            "CREATE FUNCTION short(w text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT length(w) < 999'"
        )
        owner.execute("ALTER TABLE calls ADD CHECK (short(words))")
    postgres.dump(owner_url=target.urls["DATABASE_OWNER_URL"], out=folder / "x.dump")
    back = scratch(target)
    with psycopg.connect(back) as owner:  # the function is there already, so creating it fails
        owner.execute("CREATE FUNCTION short(w text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false'")
    with pytest.raises(PostgresError) as raised:
        postgres.load(owner_url=back, source=folder / "x.dump")
    assert str(raised.value) == (
        "The restore failed (PostgreSQL error 42723) and nothing was kept: take another dump."
    )
    assert tables(back) == []


def test_a_place_that_cannot_be_written(target: Target) -> None:
    with pytest.raises(PostgresError, match=r"We cannot write /proc/x.dump .*: choose another"):
        postgres.dump(owner_url=target.urls["DATABASE_OWNER_URL"], out=Path("/proc/x.dump"))


def test_the_password_is_in_no_list_of_processes(target: Target) -> None:
    owner_url = target.urls["DATABASE_OWNER_URL"]
    seen: list[str] = []

    class Watcher(io.BytesIO):
        def write(self, data: object) -> int:
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue
            return super().write(data)  # type: ignore[arg-type]

    with target.owner() as owner:  # more than pipe and buffer hold: pg_dump waits for us
        owner.execute("CREATE TABLE large AS SELECT md5(n::text) AS word FROM generate_series(1, 100000) n")
    postgres.dump(owner_url=owner_url, out=Watcher())
    mine = [line for line in seen if "pg_dump" in line and OWNER in line]
    assert mine
    assert not any("owner's % pass" in line or "owner%27s" in line for line in mine)
    assert os.environ.get("PGPASSWORD") is None
