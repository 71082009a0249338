"""Believable visitors that drive a running web app over HTTP, reproducible by seed."""
