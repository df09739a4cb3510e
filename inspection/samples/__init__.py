"""样品: taken, handed over, received or refused."""
