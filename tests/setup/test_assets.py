"""The front-end files: those that pages use, and nothing that a page would fetch from elsewhere."""

import json
import re
from pathlib import Path

import pytest

from zoufang.site import assets


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    for source in assets.FILES.values():
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_text("a{color:red}\n/*# sourceMappingURL=a.css.map */\n")
    return tmp_path


def test_the_copies_ask_for_no_source_map(modules: Path, tmp_path: Path) -> None:
    copies = assets.copy_assets(modules, tmp_path / "served")

    assert {copy.name for copy in copies} == set(assets.FILES)
    assert all("sourceMappingURL" not in copy.read_text() for copy in copies)


def test_a_package_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"htmx\.min\.js"):
        assets.copy_assets(tmp_path / "nothing", tmp_path / "served")


def test_the_lock_names_every_package_by_hash_and_no_address() -> None:
    text = (assets.ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    assert all("integrity" in package for name, package in packages.items() if name)
    assert "http" not in text


def test_every_version_is_exact() -> None:
    wanted = json.loads((assets.ROOT / "package.json").read_text())["dependencies"]

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
