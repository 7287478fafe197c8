"""`python -m plainspoken.adapters.postgres --data FOLDER --idle SECONDS`: the supervisor, detached from its
caller.

Writes one JSON line to standard output, {"ready": process id} or {"error": sentence}, and goes on in the
background.
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

from plainspoken.adapters.postgres import supervisor
from plainspoken.adapters.postgres.errors import PostgresError


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--idle", type=float, required=True)
    options = parser.parse_args()
    if os.fork():  # our caller waits for the first process alone, and never has to reap the second
        os._exit(0)
    try:
        supervisor.run(data=options.data, idle=options.idle, report=_tell)
    except supervisor.AlreadyRunning:
        _tell({"ready": 0})
    except PostgresError as error:
        _tell({"error": str(error)})
        print(error, file=sys.stderr)
        sys.exit(1)
    except BaseException:  # noqa: BLE001 - whatever it is, the caller must hear of it
        _tell({"error": "The supervisor of the database failed: read supervisor.log beside the database."})
        traceback.print_exc()
        sys.exit(1)


def _tell(message: Mapping[str, object]) -> None:
    try:
        os.write(1, json.dumps(message).encode() + b"\n")
    except BrokenPipeError:  # the caller was killed; the others who wait find us by our lock
        return
    finally:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)


if __name__ == "__main__":
    main()
