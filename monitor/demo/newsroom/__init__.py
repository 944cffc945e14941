"""The sample newsroom: outlets of many languages on one loopback server, the articles they publish, and the stories these must become."""

from monitor.demo.newsroom.server import Newsroom, Traffic
from monitor.demo.newsroom.stock import ExpectedStory, NewsArticle, Outlet, expected, load, outlets, sources

__all__ = ["ExpectedStory", "NewsArticle", "Newsroom", "Outlet", "Traffic", "expected", "load", "outlets", "sources"]
