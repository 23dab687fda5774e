"""Watching the counts: series of every metric, team and channel, judged each night, and what was found in them."""
