"""What customers suggest, each suggestion once: grouped by a worker, put right by people, ranked by customers."""
