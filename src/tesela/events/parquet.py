"""How files of records are written: in pieces by their size, so that wide rows take no more memory than narrow ones."""

_PIECES = "FORMAT parquet, ROW_GROUP_SIZE_BYTES '64MB'"

IN_THE_MAKING = f"({_PIECES}, COMPRESSION snappy)"
"""Options of a file that is read once more and then thrown away."""

SEALED = f"({_PIECES}, COMPRESSION zstd)"
"""Options of a file of the record."""
