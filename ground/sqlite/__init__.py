"""SQLite as a database for several processes: one fair lock around every write transaction."""

# Before a VACUUM: rows come into their indexes at random places, and pages that do not fit are read and written again
# and again. It is the connection's to forget.
KEEP_PAGES = "PRAGMA cache_size=-262144"
