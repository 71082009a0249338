"""Running every part on one machine: start in order, watch, restart, stop."""
