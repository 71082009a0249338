"""The hologram: an aircraft drawn true to scale from nothing but its record."""
