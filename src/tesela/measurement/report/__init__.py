"""The report as one page, and what other pages share with it."""

from tesela.measurement.report.charts import Chart, Grid
from tesela.measurement.report.frame import draw_page, read_asset
from tesela.measurement.report.wording import Wording

__all__ = ["Chart", "Grid", "Wording", "draw_page", "read_asset"]
