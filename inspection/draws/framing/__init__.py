"""The frame of a draw on screen and as JSON."""
