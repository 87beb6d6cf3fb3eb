"""One adapter per engine; the only place that imports a database driver for the warehouse."""
