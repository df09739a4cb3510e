"""无法联系 unreached: attempts to reach a firm at its registered place, before the record may say that it cannot be reached."""
