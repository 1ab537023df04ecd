"""The installed packages that models are read from, and their files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from voicelab.errors import MissingPartError


@dataclass(frozen=True, slots=True)
class Part:
    """A part of voicelab that needs packages of its own.

    Attributes:
        name: what it is called, such as `the voice heart`.
        packages: the packages, by the names they are imported by.
        extra: the extra of voicelab that installs them.
    """

    name: str
    packages: tuple[str, ...]
    extra: str = "speech"

    @property
    def fix(self) -> str:
        """The command that installs the packages."""
        return f"pip install 'voicelab-realtime[{self.extra}]'"

    def require(self) -> None:
        """Check that all packages are installed; none is imported.

        Raises:
            MissingPartError: one is not.
        """
        for package in self.packages:
            self.folder(package)

    def folder(self, package: str) -> Path:
        """Return the folder of an installed package, without importing it.

        Raises:
            MissingPartError: it is not installed.
        """
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            return Path(folder)
        raise MissingPartError(
            f"{self.name} needs the package {package}, which is not installed",
            fix=self.fix,
        )

    def read(self, files: Sequence[Path], sha256: str) -> bytes:
        """Return the bytes of files, one behind the other, known by their hash.

        Raises:
            MissingPartError: a file cannot be read, or they are not the wanted ones.
        """
        data = b"".join(self._bytes(file) for file in files)
        whose = files[0] if len(files) == 1 else files[0].parent.parent
        self._compare(whose, hashlib.sha256(data).hexdigest(), sha256)
        return data

    def check(self, folder: Path, sha256: Mapping[str, str]) -> None:
        """Check that files are those that are known to work.

        Args:
            folder: where they are.
            sha256: the hash of each file, hexadecimal, by its name.

        Raises:
            MissingPartError: a file is missing, or another one.
        """
        for name, wanted in sha256.items():
            file = folder / name
            found = hashlib.sha256(self._bytes(file)).hexdigest()
            self._compare(file, found, wanted)

    def _compare(self, file: Path, found: str, wanted: str) -> None:
        if found != wanted:
            raise MissingPartError(
                f"is damaged, or not what {self.name} needs (sha256 {found[:16]}..., "
                f"wanted {wanted[:16]}...)",
                file=file,
                fix=self._again(),
            )

    def _bytes(self, file: Path) -> bytes:
        try:
            return file.read_bytes()
        except OSError as fault:
            raise MissingPartError(
                f"a file of {self.name} cannot be read ({fault.strerror})",
                file=file,
                fix=self._again(),
            ) from fault

    def _again(self) -> str:
        return self.fix.replace("install", "install --force-reinstall", 1)
