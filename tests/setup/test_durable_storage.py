"""An acknowledged attachment is on the disk: the file, its name, and the directories that lead to it."""

import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from zoufang.site.storage import DurableStorage


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were synced, in order; each is really synced too."""
    paths: list[str] = []
    sync = os.fsync

    def fsync(handle: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


def test_a_stored_file_and_every_new_directory_are_synced(tmp_path: Path, synced: list[str]) -> None:
    storage = DurableStorage(location=tmp_path)

    name = storage.save("2024/05/现场.jpg", ContentFile(b"x" * 100_000))

    assert Path(storage.path(name)).read_bytes() == b"x" * 100_000
    assert synced == [
        str(tmp_path / "2024/05/现场.jpg"),
        str(tmp_path / "2024/05"),
        str(tmp_path / "2024"),
        str(tmp_path),
    ]


def test_the_file_is_synced_before_the_name_that_leads_to_it(tmp_path: Path, synced: list[str]) -> None:
    storage = DurableStorage(location=tmp_path)

    storage.save("a.txt", ContentFile(b"a"))

    assert synced == [str(tmp_path / "a.txt"), str(tmp_path)]


def test_files_are_for_the_server_alone(tmp_path: Path) -> None:
    storage = DurableStorage(location=tmp_path)

    storage.save("private/a.txt", ContentFile(b"a"))

    assert (tmp_path / "private/a.txt").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


def test_a_deleted_file_stays_deleted(tmp_path: Path, synced: list[str]) -> None:
    storage = DurableStorage(location=tmp_path)
    storage.save("a.txt", ContentFile(b"a"))
    synced.clear()

    storage.delete("a.txt")

    assert not (tmp_path / "a.txt").exists()
    assert synced == [str(tmp_path)]
