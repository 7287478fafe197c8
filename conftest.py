"""Fixtures for every test: a migrated, governed template database, cloned for each test that asks for one.

Tests migrate as `owner` and run as `app`, so row-level security is in force in all of them.
"""

import gc
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

# In memory, where there is room: nearly every test clones a database.
MEMORY = Path("/dev/shm")  # noqa: S108
ROOMY = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * 2**30
FOLDER = Path(
    os.environ.get("PLAINSPOKEN_TEST_DATA")
    or Path(MEMORY if ROOMY else tempfile.gettempdir()) / f"plainspoken-tests-{os.getuid()}"
)
# A folder, and so a server, for each worker: what one test runs or backs up is nothing that another finds.
DATA = FOLDER / os.environ.get("PYTEST_XDIST_WORKER", "main")
# Copying files beats writing them through the log where no disk is waited for.
STRATEGY = "FILE_COPY" if FOLDER.is_relative_to(MEMORY) else "WAL_LOG"
os.environ["PLAINSPOKEN_DATA"] = str(DATA)
if os.environ.get("PLAINSPOKEN_EMBEDDED") == "1":
    # A worker inherits the environment of the process that distributes the tests, which has a server of its own.
    for inherited in ("DATABASE_URL", "DATABASE_OWNER_URL", "PLAINSPOKEN_EMBEDDED"):
        os.environ.pop(inherited, None)
DATA.mkdir(parents=True, exist_ok=True, mode=0o755)

from plainspoken.config.boot import boot  # noqa: E402

boot()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test.utils import override_settings, setup_test_environment  # noqa: E402

from plainspoken.adapters import postgres  # noqa: E402
from plainspoken.custody import ports  # noqa: E402
from plainspoken.custody.govern import govern  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from plainspoken.custody.models import Organisation
    from plainspoken.people.models import Membership

OWNER_URL = os.environ["DATABASE_OWNER_URL"]
ADDRESSES = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}


def _forget_durability() -> None:
    """The tests' own server may lose everything in a power cut: each clone would wait for the disk otherwise."""
    import psycopg

    if os.environ.get("PLAINSPOKEN_EMBEDDED") == "1":
        with psycopg.connect(postgres.ensure(data=DATA).admin_url, autocommit=True) as admin:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                admin.execute(f"ALTER SYSTEM SET {name} = off")
            admin.execute("SELECT pg_reload_conf()")


_forget_durability()
PASSWORD = "a quiet larch by the river"  # noqa: S105
POLICY = Path(__file__).parent / "policies" / "plainspoken.md"


# How long one example takes says more about what else the machine does than about us.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


def pytest_configure() -> None:
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def pytest_collection_finish() -> None:
    """What was imported and collected lives to the end: the garbage collector need not look through it each time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Workers give their memory back; what one process alone made serves its next run."""
    if FOLDER.is_relative_to(MEMORY) and DATA.name != "main":
        connections.close_all()
        postgres.remove(data=DATA)
        shutil.rmtree(DATA, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests of the embedded server live without these addresses; all others find them, whoever ran before."""
    if "adapters/postgres" in item.nodeid:
        for name in ADDRESSES:
            os.environ.pop(name, None)
    else:
        for name, address in ADDRESSES.items():
            os.environ.setdefault(name, address)


def use_database(name: str) -> None:
    """Point both connections of this process at another database."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


@pytest.fixture(scope="session")
def template_database() -> Iterator[str]:
    """A database with every migration and all derived security, never written to."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    postgres.create_database(owner_url=OWNER_URL, name=name)
    use_database(name)
    call_command("migrate", database="owner", verbosity=0)
    govern()
    use_database("nowhere")
    yield name
    postgres.drop_database(owner_url=OWNER_URL, name=name)


def _clone(template: str) -> str:
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(OWNER_URL, autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY {STRATEGY}')
    postgres.prepare(owner_url=_named(name))
    return name


def _named(name: str) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(OWNER_URL, dbname=name)


def _drop(name: str) -> None:
    """Drop a clone; connections of threads that ran jobs are collected, and waited for."""
    import psycopg

    deadline = time.monotonic() + 10
    while True:
        gc.collect()
        try:
            postgres.drop_database(owner_url=OWNER_URL, name=name)
            return
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="session")
def template_house(template_database: str) -> Iterator[str]:
    """The same with Larkfield Home and its published policy in it; its keys are made by who uses them."""
    name = _clone(template_database)
    use_database(name)
    _house()
    connections.close_all()
    use_database("nowhere")
    yield name
    _drop(name)


@pytest.fixture
def database(request: pytest.FixtureRequest, template_database: str, tmp_path: Path) -> Iterator[str]:
    """A fresh database and fresh folders for keys, objects and anchors."""
    template = (
        request.getfixturevalue("template_house") if "house" in request.fixturenames else template_database
    )
    yield from _fresh(template, tmp_path)


@pytest.fixture(scope="module")
def module_database(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same, shared by the tests of one module that only read."""
    yield from _fresh(template_database, tmp_path_factory.mktemp("module"))


def _fresh(template: str, folder: Path) -> Iterator[str]:
    name = _clone(template)
    use_database(name)
    with override_settings(
        KEYRING_FOLDER=folder / "keyring",
        OBJECTS_FOLDER=folder / "objects",
        ANCHORS_FOLDER=folder / "anchors",
    ):
        ports.forget_adapters()
        cache.clear()
        yield name
    ports.forget_adapters()
    connections.close_all()
    use_database("nowhere")
    _drop(name)


@pytest.fixture
def house(database: str) -> "Organisation":
    """Larkfield Home, a demonstration, with our own policy in force."""
    from plainspoken.custody.models import Organisation

    return Organisation.objects.get(slug="larkfield")


def _house(text: str = "") -> "Organisation":
    from plainspoken.custody.actors import program
    from plainspoken.custody.models import Organisation
    from plainspoken.custody.organisations import create
    from plainspoken.policies.services import publish

    row = create(
        slug="larkfield",
        name="Larkfield Home",
        home_region="EU (Frankfurt)",
        kind=Organisation.Kind.DEMO,
        time_zone="Europe/Berlin",
        phone_region="DE",
    )
    publish(
        organisation=row.id, source=text or POLICY.read_text("utf-8"), file=POLICY.name, by=program("test")
    )
    return row


@pytest.fixture
def staff(house: "Organisation") -> "Callable[..., tuple[Membership, Client]]":
    """`staff("supervisor")` gives a member of the house with this role, and a browser where they are signed in.

    A second one of the same role needs another `login`.
    """
    from django.test import Client

    from plainspoken.custody.actors import program
    from plainspoken.people.services import add_member

    def make(role: str, login: str = "", name: str = "") -> "tuple[Membership, Client]":
        member = add_member(
            organisation=house.id,
            email=f"{login or role}@larkfield.example",
            name=name or role.replace("_", " ").capitalize(),
            role=role,  # type: ignore[arg-type]
            by=program("test"),
            password=PASSWORD,
        )
        browser = Client()
        browser.force_login(member.account)
        return member, browser

    return make
