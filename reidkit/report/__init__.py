"""A run as one HTML file that can be sent, printed, and read on a phone."""

from reidkit.report.page import write_report

__all__ = ["write_report"]
