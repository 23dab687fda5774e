"""Each guard is taken away in a copy of the code, and a test has to notice; `make guards` counts how many do."""
