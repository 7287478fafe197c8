"""Advisory file locks (flock(2)): who runs the server, who starts it, who uses it.

flock belongs to the open file, not to the process: a forked child shares its parent's lock and keeps it
alive, and a program that is executed loses it, because Python opens files close-on-exec.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

POLL_SECONDS = 0.02


class Hold:
    """A lock that is held until `release` or the end of the last process that shares it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def write(self, text: str) -> None:
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)

    def release(self) -> None:
        # Closing, not LOCK_UN: unlocking would also take the lock from processes forked from us.
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def survive_exec(self) -> None:
        """Let a program that replaces this process keep the lock."""
        os.set_inheritable(self.descriptor, True)


def acquire(
    path: Path, *, shared: bool, seconds: float = 0.0, owner: Callable[[int], None] | None = None
) -> Hold | None:
    """Take the lock at `path`, trying for `seconds`; None when somebody else still holds it.

    `owner` is called with the descriptor of a newly opened file, to give the file to whom it belongs.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if owner is not None:
        owner(descriptor)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return Hold(descriptor)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(POLL_SECONDS)


def held_exclusively(path: Path) -> bool:
    """Whether another open file holds the exclusive lock at `path`; leaves no lock behind."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def sharers(path: Path) -> int | None:
    """How many open files hold the shared lock at `path`; None where the kernel does not tell (no
    /proc/locks).
    """
    try:
        inode = str(path.stat().st_ino)
        table = Path("/proc/locks").read_text()
    except FileNotFoundError:
        return 0 if not path.exists() else None
    except OSError:
        return None
    rows = [line.split() for line in table.splitlines() if "->" not in line]
    return sum(1 for row in rows if row[1] == "FLOCK" and row[3] == "READ" and row[5].split(":")[-1] == inode)
