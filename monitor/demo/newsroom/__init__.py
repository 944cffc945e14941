"""The sample newsroom: outlets of many languages on one loopback server, the articles they publish, and the stories these must become.

The incidents are public ones, retold in our own words; outlets, details, quotations and the unrelated news are invented.
"""

from monitor.demo.newsroom.server import Newsroom, Traffic
from monitor.demo.newsroom.stock import ExpectedStory, NewsArticle, Outlet, expected, load, outlets, sources

__all__ = ["ExpectedStory", "NewsArticle", "Newsroom", "Outlet", "Traffic", "expected", "load", "outlets", "sources"]
