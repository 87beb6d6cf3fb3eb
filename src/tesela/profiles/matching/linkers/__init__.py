"""What scores pairs: the only place of matching that knows Splink and talks to an engine of its own."""
