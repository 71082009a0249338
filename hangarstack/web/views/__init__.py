"""The areas of the site, one blueprint each."""
