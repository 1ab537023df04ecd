"""The laboratory: a recorded caller, a client, an agent, and what they do."""
