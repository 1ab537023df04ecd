"""Answers from a language model behind an OpenAI-compatible chat endpoint."""

from __future__ import annotations

from voicelab.responders.chat.options import ChatEndpoint

__all__ = ["ChatEndpoint"]
