"""What a worker process runs: cells in, outcomes out, until its input ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from voicelab.sweeps.cell import run_encoded

READY = b"ready\n"
"""The first line that a worker writes."""


def main() -> None:
    """Answer each line of the standard input with one on the standard output."""
    # What else is printed by anything must not stand between the answers. They have
    # no buffer: nothing is left over to complain about when nobody reads any more.
    with (
        os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0) as answers,
        suppress(BrokenPipeError),
    ):
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        answers.write(READY)
        for line in sys.stdin.buffer:
            answers.write(run_encoded(line) + b"\n")


if __name__ == "__main__":
    main()
