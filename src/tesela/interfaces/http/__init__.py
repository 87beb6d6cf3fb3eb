"""The HTTP API and the page, for browsers and programs."""

from tesela.interfaces.http.app import create_app
from tesela.interfaces.http.serving import HOST, PORT, serve

__all__ = ["HOST", "PORT", "create_app", "serve"]
