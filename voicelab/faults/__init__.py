"""What can go wrong with a Realtime session, done on purpose and by a seed.

`FaultySession` stands around a server session and does the wrong: to the host that
runs it, in virtual time or on a port, it is a session like any other.
"""

from __future__ import annotations

from voicelab.faults.model import Fault
from voicelab.faults.parsing import FAULT_KINDS, parse_fault
from voicelab.faults.rules import check_fault
from voicelab.faults.session import FaultySession, with_faults

__all__ = [
    "FAULT_KINDS",
    "Fault",
    "FaultySession",
    "check_fault",
    "parse_fault",
    "with_faults",
]
