"""Aircraft: records, their validation, the stored catalogue and its forgiving search."""
