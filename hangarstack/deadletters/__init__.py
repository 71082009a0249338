"""Dead letters: reading them, replaying them, setting them aside, and who did so."""
