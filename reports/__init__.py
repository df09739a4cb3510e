"""文书与通告: frozen content in, bytes out. Same content, same bytes. No database, no clock, no network."""
