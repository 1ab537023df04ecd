"""What moves in a notebook: controls that run a conversation again as they are dragged.

They need the extra `notebooks`; importing this package does not.
"""

from __future__ import annotations

from voicelab.widgets.opening import explorer

__all__ = ["explorer"]
