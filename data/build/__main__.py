"""`python -m data.build`: render conversations from their scripts."""

from __future__ import annotations

import argparse
from pathlib import Path

from .kokoro import Kokoro
from .render import render

HERE = Path(__file__).parent


def main() -> None:
    """Render the named scripts, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m data.build", description=__doc__)
    parser.add_argument("names", nargs="*", help="scripts to render; none: all")
    parser.add_argument("--out", type=Path, default=HERE.parent / "conversations")
    parser.add_argument(
        "--voices",
        type=Path,
        default=Path("package/voices"),
        help="folder of Kokoro voice files, unpacked from kokoro-js",
    )
    options = parser.parse_args()
    scripts = sorted((HERE / "scripts").glob("*.yaml"))
    kokoro = Kokoro(options.voices)
    for script in scripts:
        if not options.names or script.stem in options.names:
            print(render(script, options.out, kokoro))


if __name__ == "__main__":
    main()
