"""Migrations of the control store, oldest first; none is ever changed once released."""
