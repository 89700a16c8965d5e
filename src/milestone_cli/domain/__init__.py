"""What the words mean: pure functions and value types, stdlib only, no clock."""
