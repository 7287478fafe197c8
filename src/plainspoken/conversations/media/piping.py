"""From a function that writes into a file to an iterator of what it wrote, in bounded memory."""

import io
import queue
import threading
from collections.abc import Callable, Generator
from typing import BinaryIO, TypeVar, cast

T = TypeVar("T")
WAITING = 16  # pieces between writer and reader
PATIENCE = 0.2


class _Left(Exception):
    """The reader went away."""


class _Sink(io.RawIOBase):
    def __init__(self, pieces: "queue.Queue[bytes | None]", left: threading.Event) -> None:
        self._pieces, self._left, self._at = pieces, left, 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self._at

    def write(self, data: bytes) -> int:  # type: ignore[override]
        piece = bytes(data)
        while True:
            if self._left.is_set():
                raise _Left
            try:
                self._pieces.put(piece, timeout=PATIENCE)
            except queue.Full:
                continue
            self._at += len(piece)
            return len(piece)


def piped(write: Callable[[BinaryIO], T]) -> Generator[bytes, None, T]:
    """Run `write(file)` in a thread of its own and yield what it writes; returns what `write` returned.

    An error of `write` is raised here. Closing the iterator early ends the thread.
    """
    pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=WAITING)
    left = threading.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(write(cast(BinaryIO, _Sink(pieces, left))))
        except BaseException as error:  # noqa: BLE001 - raised again by the reader
            errors.append(error)
        finally:
            while not left.is_set():
                try:
                    pieces.put(None, timeout=PATIENCE)
                except queue.Full:
                    continue
                break

    thread = threading.Thread(target=run, name="sound-writer", daemon=True)
    thread.start()
    try:
        while (piece := pieces.get()) is not None:
            yield piece
    finally:
        left.set()
        thread.join()
    if errors:
        raise errors[0]
    return results[0]
