"""`python -m benchmarks` measures and keeps; `--quick`: a tenth of the size, not kept; `--document`: the page."""

import argparse
import sys
import time

from plainspoken.config.boot import boot


def main() -> int:
    """Exit code 1 when a goal is missed."""
    options = _options()
    if options.document:
        boot(start=False)
        from . import results

        results.DOCUMENT.write_text(results.document(results.kept()), "utf-8")
        return 0
    boot()
    from . import results, sizes
    from .running import Run

    started = time.perf_counter()
    run = Run(sizes.QUICK if options.quick else sizes.FULL, say=lambda text: print(text, flush=True))
    run.in_database()
    run.without_database()
    found = run.result(size="quick" if options.quick else "full")
    if not options.quick:
        results.keep(found)
    missed = results.missed(found)
    print(f"Done in {time.perf_counter() - started:.0f} s. {_verdict(missed)}")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size; results are not kept")
    parser.add_argument("--document", action="store_true", help="write the page of the last results")
    return parser.parse_args()


def _verdict(missed: list[str]) -> str:
    return f"Missed: {', '.join(missed)}." if missed else "Every goal is met."


if __name__ == "__main__":
    sys.exit(main())
