"""Results of a survey: what each of its questions was answered, counted, reported and shown."""
