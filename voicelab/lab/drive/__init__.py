"""Plays a page or a telephone provider against anyone's bridge, and keeps the record.

Both ends of the bridge are the lab's: the server behind it and whoever has the caller.
So what was sent and what was heard are both known, without a line changed between.
"""
