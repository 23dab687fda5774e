"""Service times: how soon customers are responded to and served, how long they wait, and who is needed for it."""
