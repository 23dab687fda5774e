"""SQLite as a database for several processes: one fair lock around every write transaction."""
