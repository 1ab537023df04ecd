"""The record of a conversation: its event log, its audio, its folder."""
