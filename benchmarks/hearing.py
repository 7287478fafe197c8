"""Transcription of the demonstration's calls, in a process of its own, so that its peak memory is its own."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .measuring import Figure

ROOT = Path(__file__).resolve().parent.parent


def figures(calls: int) -> list[Figure]:
    """Seconds of work a second of sound, and the most memory that it took. Raises RuntimeError."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.hearing", str(calls)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The recogniser failed: {done.stderr.strip().splitlines()[-1:]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    how = f"{found['model']}, {found['calls']} calls of the demonstration, {found['sound_s']:.0f} s in stereo"
    pace = found["seconds"] / found["sound_s"]
    return [
        Figure("Transcription", round(pace, 3), "s of work a s of sound", how),
        Figure("Transcription, calls of five minutes", round(3600 / (pace * 300)), "an hour", how),
        Figure("Transcription, peak memory", round(found["peak_mb"]), "MB", how, note="All of the process."),
    ]


def measure(calls: int) -> dict[str, Any]:
    """Hear both channels of so many calls; the model is loaded before the clock starts."""
    from plainspoken.adapters.speech.models import available, fetch
    from plainspoken.adapters.speech.whisper import recogniser
    from plainspoken.demo.script import calls as demonstration
    from plainspoken.kernels.sound import channel

    if available() is None:
        fetch("tiny.en")
    engine = recogniser()
    chosen = demonstration()[:calls]
    engine.hear(channel(chosen[0].sound, 0), language="en")
    started = time.perf_counter()
    words = 0
    for call in chosen:
        for side in (0, 1):
            words += len(engine.hear(channel(call.sound, side), language="en").words)
    seconds = time.perf_counter() - started
    return {
        "model": engine.name,
        "calls": len(chosen),
        "words": words,
        "sound_s": sum(call.duration_s for call in chosen),
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Print one line of JSON."""
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nowhere")
    os.environ.setdefault("DATABASE_OWNER_URL", "postgresql://nobody@/nowhere")
    from plainspoken.config.boot import boot

    boot(start=False)
    print(json.dumps(measure(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
