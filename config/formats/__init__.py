"""Days and times as the desk writes them: short enough for a table, with the 24-hour clock in both languages."""
