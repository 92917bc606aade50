"""Attachments that outlive a power cut: an acknowledged file is on the disk, not only in the page cache."""

import os
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """
    A `FileSystemStorage` that syncs the file and every directory it created before it returns.

    The storage of Django leaves that to the kernel: after a power cut, rows that were committed point to files
    that are empty or gone. Files are for the server alone (0600, directories 0700) unless the caller says otherwise.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("file_permissions_mode", 0o600)
        options.setdefault("directory_permissions_mode", 0o700)
        super().__init__(**options)

    def _save(self, name: str, content: IO[Any]) -> str:
        directory = Path(self.path(name)).parent
        unborn = [parent for parent in (directory, *directory.parents) if not parent.exists()]
        saved = super()._save(name, content)  # type: ignore[misc]  # the stubs leave out what subclasses override
        _sync(Path(self.path(saved)))
        # A new name is durable once its directory is: the file's own, and the parent of each that was created.
        for place in dict.fromkeys([directory, *(parent.parent for parent in unborn)]):
            _sync(place)
        return str(saved)

    def delete(self, name: str) -> None:
        """Delete the file for good: disposal that a power cut undoes is no disposal."""
        super().delete(name)
        directory = Path(self.path(name)).parent
        if directory.is_dir():
            _sync(directory)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
