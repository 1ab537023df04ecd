"""Both sides of a Realtime session, without clock, socket or file."""
