"""The client libraries that are tried, and what each is tried with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent

SCENARIOS = ("turn", "barge-in", "manual", "text", "tools", "errors", "bad-key")
"""What a client is put through; see README.md."""


@dataclass(frozen=True)
class Client:
    """A client library.

    Attributes:
        name: what it is called here; its script lies in a folder of this name.
        language: what it is written in.
        package: its name in the registry of its language.
    """

    name: str
    language: Literal["python", "javascript"]
    package: str

    @property
    def folder(self) -> Path:
        """Where its script and its pinned requirements lie."""
        return HERE / self.name

    @property
    def is_silent(self) -> bool:
        """Whether it prints nothing as long as nothing is wrong."""
        return self.language == "javascript"

    @property
    def requirements(self) -> tuple[Path, ...]:
        """The files that pin what its environment holds."""
        if self.language == "python":
            return (self.folder / "requirements.txt",)
        return (self.folder / "package.json", self.folder / "package-lock.json")


CLIENTS = (
    Client("pipecat", "python", "pipecat-ai"),
    Client("livekit", "python", "livekit-plugins-openai"),
    Client("openai-js", "javascript", "openai"),
    Client("agents-js", "javascript", "@openai/agents-realtime"),
)
