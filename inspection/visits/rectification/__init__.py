"""整改 rectification: problems from the approval of a record to the re-check that closes them, and the share that was closed."""
