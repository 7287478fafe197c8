"""Find a Chromium for the browser tests, or install one; print its path. Never skips in silence.

Order: PLAINSPOKEN_BROWSER; one on the PATH; apt as root; Playwright's own download; else one clear sentence.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def present() -> str | None:
    """A browser that is there already."""
    named = os.environ.get("PLAINSPOKEN_BROWSER")
    if named:
        return named if Path(named).exists() else None
    return next((path for name in NAMES if (path := shutil.which(name))), None) or downloaded()


def downloaded() -> str | None:
    """Playwright's own download, where there is one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def by_apt() -> str | None:
    """Debian's package, when we are root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment, **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        check=False,
        env=environment,
        **quiet,
    )
    return present()


def by_download() -> str | None:
    """Playwright's download, where its server can be reached."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
    return downloaded()


def main() -> int:
    path = present() or by_apt() or by_download()
    if not path:
        print(
            "The tests need a Chromium and none could be found or installed. "
            "Install chromium, or name one in PLAINSPOKEN_BROWSER.",
            file=sys.stderr,
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
