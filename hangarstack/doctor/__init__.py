"""Five checks of what the platform needs, each with what to do when it fails."""
