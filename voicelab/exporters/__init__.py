"""A run in the formats of other programs, to look at, to listen to, to score with."""

from __future__ import annotations

from voicelab.exporters.export import FORMATS, check_format, export

__all__ = ["FORMATS", "check_format", "export"]
