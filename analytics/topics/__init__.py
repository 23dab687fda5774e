"""Topics of comments: how often each is mentioned, by whom, and what one of them is about."""
