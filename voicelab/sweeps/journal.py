"""The journal of a sweep: what became of each cell, one line as soon as it is known.

Conventions
    The first line tells the sweep: its plan and a hash of all that its table depends
    on. Each line after it is one outcome; of two about one cell the later counts. Lines
    are only ever added, whole and put on the disk one by one, so whatever ends the
    sweep, at most a last line is torn. That one is dropped: its cell is run again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

import msgspec
from msgspec import Struct

from voicelab.errors import SweepError
from voicelab.record.folder import package_versions
from voicelab.sweeps.cell import FULL, Outcome
from voicelab.sweeps.lock import FolderLock
from voicelab.sweeps.plan import Plan

JOURNAL = "cells.jsonl"
MAKE_ROOM = "make room, then go on with --resume"
_NEWLINE = b"\n"


class Header(Struct, frozen=True, kw_only=True):
    """The first line of a journal.

    Attributes:
        voicelab_sweep: the version of the journal's format.
        version: the voicelab that runs the sweep.
        digest: see `spec.digest_of`.
        plan: the cells.
    """

    voicelab_sweep: Literal[1] = 1
    version: str
    digest: str
    plan: Plan


def read_header(folder: Path) -> Header:
    """Return what the sweep in a folder is.

    Raises:
        SweepError: there is none, or its first line is broken.
    """
    file = folder / JOURNAL
    try:
        with file.open("rb") as lines:
            return _header(lines.readline(), file)
    except (FileNotFoundError, NotADirectoryError):
        raise SweepError(
            "there is no sweep in this folder",
            file=folder,
            fix="give the folder that a sweep was told to write into (`--out`)",
        ) from None


def read_outcomes(folder: Path) -> Iterator[Outcome]:
    """Yield the outcomes in a folder's journal, in the order in which they came.

    Raises:
        SweepError: a line of the journal is broken, the last one apart.
    """
    file = folder / JOURNAL
    with file.open("rb") as lines:
        lines.readline()
        for number, line in enumerate(lines, start=2):
            if not line.endswith(_NEWLINE):
                return
            try:
                yield msgspec.json.decode(line, type=Outcome)
            except msgspec.MsgspecError as fault:
                raise SweepError(
                    f"this line is no outcome of a cell ({fault})",
                    file=file,
                    line=number,
                    fix="delete the line: its cell is run again with --resume",
                ) from None


class Journal:
    """The journal of a sweep under way; used as a context manager.

    Args:
        folder: the sweep's folder; made if it is missing.
        header: what the sweep is.
        resumes: whether to go on with a journal of this sweep that is there.

    Attributes:
        done: the cells that are done, by index.
        failed: the cells that failed, by index.

    Raises:
        SweepError: another process holds the folder, a journal is there and is not to
            be gone on with or is of another sweep, or the folder cannot be written to.
    """

    def __init__(self, folder: Path, header: Header, *, resumes: bool) -> None:
        self._folder = folder
        self.done: set[int] = set()
        self.failed: set[int] = set()
        self._file: BinaryIO | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(folder)
            try:
                self._open(header, resumes=resumes)
            except BaseException:
                self.close()
                raise
        except OSError as error:
            raise unwritable(folder, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._file is not None:
            self._file.close()
        self._lock.close()

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome: when this returns, it is on the disk.

        Raises:
            SweepError: it cannot be written; the journal is as it was before.
        """
        assert self._file is not None
        self._write(self._file, msgspec.json.encode(outcome) + _NEWLINE)
        self._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        kept, other = self.done, self.failed
        if outcome.status == "failed":
            kept, other = other, kept
        kept.add(outcome.index)
        other.discard(outcome.index)

    def _open(self, header: Header, *, resumes: bool) -> None:
        path = self._folder / JOURNAL
        whole = _whole_bytes(path)
        if whole and self._is_begun():
            self._check_same(header, resumes=resumes)
        else:
            whole = 0
        self._file = path.open("ab", buffering=0)
        self._file.truncate(whole)
        if not whole:
            self._write(self._file, msgspec.json.encode(header) + _NEWLINE)

    def _is_begun(self) -> bool:
        """Count what is in the journal; without any outcome it is as good as none."""
        read_header(self._folder)  # else it is another's file, and stays
        for outcome in read_outcomes(self._folder):
            self._count(outcome)
        return bool(self.done or self.failed)

    def _check_same(self, header: Header, *, resumes: bool) -> None:
        there = read_header(self._folder)
        if not resumes:
            held = f"{len(self.done)} of {len(there.plan)} cells done"
            raise SweepError(
                f"this folder holds a sweep already ({held})",
                file=self._folder,
                fix="go on with it by --resume, or give another folder (--out)",
            )
        if there.digest != header.digest:
            raise SweepError(
                "this folder holds another sweep: its scenarios, fields, seeds or "
                "recordings differ",
                file=self._folder,
                fix="give another folder (--out)",
            )
        if there.version != header.version:
            raise SweepError(
                f"this sweep was begun with voicelab {there.version}, and this is "
                f"{header.version}",
                file=self._folder,
                fix="give another folder (--out)",
            )

    def _write(self, file: BinaryIO, line: bytes) -> None:
        end = file.seek(0, os.SEEK_END)
        try:
            written = file.write(line)
            while written < len(line):
                written += file.write(line[written:])
            os.fsync(file.fileno())
        except OSError as error:
            file.truncate(end)
            raise unwritable(self._folder, error) from error


def unwritable(folder: Path, error: OSError) -> SweepError:
    """Return the error that says that nothing can be kept in a sweep's folder."""
    is_full = error.errno in FULL
    return SweepError(
        f"the sweep cannot be kept here ({error.strerror or error})",
        file=folder,
        fix=MAKE_ROOM if is_full else "give another folder (--out)",
    )


def header_of(plan: Plan, digest: str) -> Header:
    """Return the header of a new journal."""
    version = package_versions()["voicelab-realtime"]
    return Header(version=version, digest=digest, plan=plan)


def _header(line: bytes, file: Path) -> Header:
    try:
        if not line.endswith(_NEWLINE):
            raise msgspec.DecodeError("the line is torn")
        return msgspec.json.decode(line, type=Header)
    except msgspec.MsgspecError as fault:
        raise SweepError(
            f"this is no journal of a sweep ({fault})",
            file=file,
            line=1,
            fix="give another folder",
        ) from None


def _whole_bytes(path: Path) -> int:
    """Return how long a journal is without a torn last line; 0 if there is none."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        length = 0
        for line in file:
            if line.endswith(_NEWLINE):
                length += len(line)
        return length
