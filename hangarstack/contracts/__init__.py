"""The contract tree as objects, the judge of its evolution, and the plan that moves a registry to it."""
