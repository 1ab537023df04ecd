"""The bridge to a page in a browser: the page itself, and what it talks to."""
