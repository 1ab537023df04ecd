"""The commands of `voicelab`: parse, call, print.

Nothing is computed here that Python code could not get from the package. Heavy
packages are imported inside the commands, so that `voicelab --help` answers at once.
"""

from __future__ import annotations

from voicelab.cli.app import app

__all__ = ["app"]
