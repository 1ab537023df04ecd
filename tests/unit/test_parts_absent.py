"""Every optional part can be missing: the rest works, and says how to add it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest

from tests.support.without import KEPT, MODELS, USES, WORKS
from voicelab.cli.optional_parts import OPTIONAL_PARTS, OptionalPart

SAYS_NOTHING = {"tables": "written: .csv"}
"""What is done without, and not asked for."""


def test_each_part_is_used_here() -> None:
    assert {part.name for part in OPTIONAL_PARTS} <= {*USES, *MODELS}


@pytest.mark.parametrize("absent", OPTIONAL_PARTS, ids=lambda part: part.name)
def test_without_a_part_the_rest_works(absent: OptionalPart) -> None:
    for part in OPTIONAL_PARTS:
        for package in part.packages:
            try:
                version(package)
            except PackageNotFoundError:
                pytest.skip(f"{package} is not installed")
    kept = [] if absent.extra.startswith("speech") else [KEPT]
    command = [sys.executable, "-m", "tests.support.without", *kept, *absent.packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    sentence = told.pop(absent.name)
    assert told == dict.fromkeys(told, WORKS)
    assert len(told) == len(USES) + len(MODELS) - 1
    if absent.name in SAYS_NOTHING:
        assert sentence == SAYS_NOTHING[absent.name]
    else:
        assert f"voicelab-realtime[{absent.extra}]" in sentence
        assert "\n" not in sentence.strip()
