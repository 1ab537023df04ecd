"""What the agent says, and how fast."""
