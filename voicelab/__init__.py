"""voicelab: a laboratory for real-time voice agents."""

__version__ = "0.1.0.dev0"
