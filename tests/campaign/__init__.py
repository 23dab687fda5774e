"""Long runs under random kills, with an account at the end: `make campaign`. Short forms of them are in the gate."""
