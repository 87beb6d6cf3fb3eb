"""The report: its figures, and the page that shows them."""
