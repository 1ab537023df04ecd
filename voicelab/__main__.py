"""`voicelab` and `python -m voicelab`."""

from __future__ import annotations

from voicelab.cli import app


def main() -> None:
    """Run the command line; ends the process with the command's exit code."""
    app(prog_name="voicelab")


if __name__ == "__main__":
    main()
