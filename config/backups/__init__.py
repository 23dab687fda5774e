"""Backups: one file with the database and all that it does not stand without."""
