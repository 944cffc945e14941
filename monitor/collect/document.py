"""A web page as a tree, read from the bytes that came."""

from __future__ import annotations

from lxml import etree, html

from monitor.model import Page
from monitor.text import charset, urls


def tree(page: Page) -> html.HtmlElement | None:
    """The page without its comments; None if there is nothing that could be a page."""
    text = charset.decode(page.body, page.headers.get("content-type", ""))
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def base(root: html.HtmlElement, page: Page) -> str:
    """The address that the links of a page are relative to."""
    return urls.absolute(page.final_url, str(root.xpath("string(//base/@href)"))) or page.final_url
