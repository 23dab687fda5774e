"""Complaints: how many, how fast they are met, whether they come again, and what is still open (M25)."""
