"""Writes a latency profile as the YAML file that `load_profile` reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import yaml

from voicelab.errors import InputError
from voicelab.record.whole_file import check_target, write_output
from voicelab.responders.cascade.profile import CascadeProfile
from voicelab.responders.profile import LatencyProfile, load_profile

_WIDTH = 88


def profile_yaml(profile: LatencyProfile | CascadeProfile) -> str:
    """Return a profile as YAML, in the order of its fields; defaults are left out."""
    return yaml.safe_dump(
        msgspec.to_builtins(profile),
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,  # the innermost on one line, as one writes them
        width=_WIDTH,
    )


def _is_fitted(file: Path) -> bool:
    try:
        return load_profile(file.name, base=file.parent).fitted is not None
    except InputError:
        return False


def save_profile(profile: LatencyProfile, file: Path) -> None:
    """Write a profile to a file; a fitted profile that is there is replaced.

    Raises:
        InputError: the file cannot be written, or holds something else.
    """
    write_profile(profile, file, is_ours=_is_fitted)


def check_profile_target(file: Path, *, is_ours: Callable[[Path], bool]) -> None:
    """Check that a profile may be written to a file.

    Args:
        file: where to.
        is_ours: tells whether a file that is there may be replaced.

    Raises:
        InputError: it is a folder, there is none for it, or it may not be replaced.
    """
    check_target(file)
    if file.is_file() and not is_ours(file):
        raise InputError(
            "this file is there, and is no fitted profile",
            file=file,
            fix="give another, or remove it",
        )


def write_profile(
    profile: LatencyProfile | CascadeProfile,
    file: Path,
    *,
    is_ours: Callable[[Path], bool],
) -> None:
    """Write a profile to a file.

    Args:
        profile: the profile.
        file: where to.
        is_ours: tells whether a file that is there may be replaced.

    Raises:
        InputError: the file cannot be written, or may not be replaced.
    """
    check_profile_target(file, is_ours=is_ours)
    write_output(file, [profile_yaml(profile)], what="profile")
