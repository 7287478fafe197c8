"""The build of the front end: small, complete, the same every time, and plain about what is missing."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[4]
SCRIPT = ROOT / "scripts" / "build_front.py"


@pytest.fixture(scope="module")
def front() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_front", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_front"] = module
    spec.loader.exec_module(module)
    return module


def test_two_builds_give_the_same_bytes(front: ModuleType) -> None:
    assert front.outputs() == front.outputs()


def test_style_sheets_stay_within_their_weight(front: ModuleType) -> None:
    assert front.style_size(front.outputs()) <= front.CSS_BUDGET == 90_000


def test_nothing_points_to_a_source_map_or_another_host(front: ModuleType) -> None:
    for name, content in front.outputs().items():
        if name.endswith((".css", ".js")):
            assert b"sourceMappingURL" not in content, name
        if name.endswith(".css"):
            assert b"@import" not in content
            assert b"url(http" not in content and b'url("http' not in content


def test_trimming_keeps_what_is_used_and_drops_the_rest(front: ModuleType) -> None:
    css = (
        ".a{x:1}.b{x:2}.a.b,.a:hover{x:3}p{x:4}@media print{.b{x:5}.a{x:6}}@media screen{.b{x:7}}"
        '.a:not(.b){x:8}.c::before{content:"}"}@font-face{src:url(x)}'
    )
    assert front.trim(css, frozenset({"a"})) == (
        ".a{x:1}.a:hover{x:3}p{x:4}@media print{.a{x:6}}.a:not(.b){x:8}@font-face{src:url(x)}"
    )


def test_classes_that_pages_use_survive(front: ModuleType) -> None:
    css = front.outputs()["tabler.css"].decode()
    for name in (
        ".btn",
        ".btn-primary",
        ".form-control",
        ".form-select",
        ".form-check-input",
        ".visually-hidden",
    ):
        assert name in css
    assert ".carousel" not in css


def test_an_unknown_icon_is_said_in_one_sentence(front: ModuleType) -> None:
    with pytest.raises(front.Unbuildable, match='no Tabler icon named "no-such-icon"; correct the name'):
        front.symbol("no-such-icon")


def test_missing_packages_are_said_in_one_sentence(
    front: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "PACKAGES", ROOT / "nowhere")
    with pytest.raises(front.Unbuildable, match="run `npm ci` first"):
        front.outputs()


def test_the_built_files_are_up_to_date(built: None) -> None:
    answer = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"{answer.stderr} Run `make front`."


def test_packages_are_pinned_and_the_lock_names_no_host() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    lock = (ROOT / "package-lock.json").read_text()
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
    assert "://" not in lock and "resolved" not in lock
    locked = json.loads(lock)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(entry.get("integrity") for name, entry in locked.items() if name)
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text().split()
