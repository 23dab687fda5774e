"""Demo data: half a year of a made-up company, told through the same doors as real traffic."""
