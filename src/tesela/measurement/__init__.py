"""Metrics, KPIs per segment, and the report that shows them."""

from tesela.measurement.kpis import SegmentKPIs, measure_segments
from tesela.measurement.metrics import METRICS, Metric
from tesela.measurement.report.build import Report, build_report
from tesela.measurement.report.page import render_html
from tesela.measurement.tables import ALL_TABLES, MEASUREMENTS

__all__ = [
    "ALL_TABLES",
    "MEASUREMENTS",
    "METRICS",
    "Metric",
    "Report",
    "SegmentKPIs",
    "build_report",
    "measure_segments",
    "render_html",
]
