"""`ms`: run a sales team by milestones, from dated customer actions alone."""

__version__ = "0.1.0"
