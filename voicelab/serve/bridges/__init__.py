"""Bridges: between a Realtime server and whoever has the caller, a page or a telephone.

A bridge is the lab's own client application with a player that is somewhere else: at
the far end of a *leg*. What each leg speaks is in `voicelab.legs`; what all bridges
share is here: a call from its first message to its last, the record of it, the server
that calls come to.
"""
