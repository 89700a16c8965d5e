"""The only room with SQL and SQLModel: the journal of facts and its projections in one SQLite file."""
