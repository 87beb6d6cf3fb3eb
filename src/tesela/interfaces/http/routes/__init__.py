"""The routes, a file for each kind of thing. What a route can do, Python can do with the same words."""
