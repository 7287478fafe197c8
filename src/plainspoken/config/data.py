"""The data folder: one place for everything this installation keeps outside the database."""

import os
import secrets
from pathlib import Path


def data_folder() -> Path:
    """PLAINSPOKEN_DATA, else $XDG_DATA_HOME/plainspoken, else ~/.local/share/plainspoken; made with mode 0700."""
    named = os.environ.get("PLAINSPOKEN_DATA")
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = Path(named).expanduser().resolve() if named else base / "plainspoken"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "uploads").mkdir(exist_ok=True, mode=0o700)
    return folder


def secret(folder: Path, name: str) -> str:
    """A random secret of this installation, made once, readable by its owner alone."""
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as out:
        value = secrets.token_urlsafe(48)
        out.write(value)
    return value
