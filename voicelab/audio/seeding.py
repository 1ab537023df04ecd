"""Generators of numbers, by name: equal names give equal numbers on any machine."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

_SEED_BYTES = 16


def generator(seed: str) -> np.random.Generator:
    """Return a generator for a seed, which may be any string.

    PCG64 is named rather than NumPy's default, which may change.
    """
    digest = blake2b(seed.encode(), digest_size=_SEED_BYTES).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
