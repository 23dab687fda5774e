"""Where customers answer: by their own link, or by one that names nobody."""
