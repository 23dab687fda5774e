"""Pages of knowing, one file each."""
