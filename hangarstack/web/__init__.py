"""The web app: pages, API, editing form and live stream; every interaction becomes an event."""
