"""Customers who stay and leave: by contract, by silence, by the month they came in, and by what they answered (M26)."""
