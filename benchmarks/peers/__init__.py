"""What others do for the same segments: SQL a segment, Polars, pandas."""
