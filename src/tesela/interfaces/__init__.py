"""The doors: each parses what comes in, calls the workspace, and shows what comes back."""
