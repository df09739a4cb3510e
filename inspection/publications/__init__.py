"""公示: frozen, numbered, hashed, corrected."""
