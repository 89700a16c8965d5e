"""The writers: a document of neutral tables becomes text for a reader or a program."""
