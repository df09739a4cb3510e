"""到场 arrival: today's route, the label at the door, check-in and check-out with position."""
