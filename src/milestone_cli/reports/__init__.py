"""What a report is: a pure, typed result that turns itself into neutral tables for the writers."""
