"""Renders the recorded conversations of `data/conversations` from their scripts.

The folder order follows the walk of one conversation: a `script` names the turns,
`g2p` and `kokoro` (or `clips`, for human speech) turn each into an `utterance`,
`timeline` places the utterances, `mix` lays them into two channels, `labels` writes
down what was said when. `render` walks all of it; `long_call` needs none of it and
assembles long conversations from the finished ones.
"""
