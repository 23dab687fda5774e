"""What programs call: one module for each kind of row."""
