"""A run, or a data set, as one HTML file that can be sent, printed, and read on a phone."""

from reidkit.report.data_page import write_data_page
from reidkit.report.page import write_report

__all__ = ["write_data_page", "write_report"]
