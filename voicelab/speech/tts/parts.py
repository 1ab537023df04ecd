"""The installed packages that voices are read from, and their files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from voicelab.errors import MissingPartError


@dataclass(frozen=True, slots=True)
class Part:
    """What a voice is made from.

    Attributes:
        voice: what needs it, such as `the voice heart`.
        packages: the packages, by the names they are imported by.
        extra: the extra of voicelab that installs them.
    """

    voice: str
    packages: tuple[str, ...]
    extra: str

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
        """Return the folder of an installed package.

        Raises:
            MissingPartError: it is not installed.
        """
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            return Path(folder)
        raise MissingPartError(
            f"{self.voice} needs the package {package}, which is not installed",
            fix=self.fix,
        )

    def read(self, files: Sequence[Path], sha256: str) -> bytes:
        """Return the bytes of files, one behind the other, known by their hash.

        Raises:
            MissingPartError: a file cannot be read, or they are not the wanted ones.
        """
        data = b"".join(self._bytes(files))
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise MissingPartError(
                f"is damaged, or not what {self.voice} needs (sha256 {found[:16]}..., "
                f"wanted {sha256[:16]}...)",
                file=files[0] if len(files) == 1 else files[0].parent.parent,
                fix=self.fix.replace("install", "install --force-reinstall", 1),
            )
        return data

    def _bytes(self, files: Iterable[Path]) -> Iterable[bytes]:
        for file in files:
            try:
                yield file.read_bytes()
            except OSError as fault:
                raise MissingPartError(
                    f"a file of {self.voice} cannot be read ({fault.strerror})",
                    file=file,
                    fix=self.fix.replace("install", "install --force-reinstall", 1),
                ) from fault
