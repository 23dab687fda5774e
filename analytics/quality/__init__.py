"""How well comments are read here: told from the random sample that people checked, beside the frozen benchmark."""
