"""The bridge to 46elks: a call opens a WebSocket, and JSON goes both ways."""
