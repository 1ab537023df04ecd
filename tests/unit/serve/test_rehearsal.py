"""A session that is played to nobody loads what the first client would wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.session_pair import SessionPair
from voicelab.serve.rehearsal import rehearse

LATE_MODULES = """
import sys
from voicelab.serve import assistant_sessions
from voicelab.serve.admission import Admission
from voicelab.serve.rehearsal import rehearse
sessions = assistant_sessions()
before = set(sys.modules)
rehearse(sessions.session(1, Admission(model="m")).hosted)
print(sorted(set(sys.modules) - before))
"""


def test_a_session_plays_through_and_is_closed() -> None:
    pair = SessionPair()
    rehearse(pair.server)
    assert pair.server.next_deadline() is None
    assert pair.server.take_outbox() == []


@pytest.mark.parametrize("program", [LATE_MODULES])
def test_after_it_a_session_loads_nothing_more(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
