"""What a page's tables, figures and notes say, as a reader takes them."""
from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.figures, self.texts = {}, {}, []
        self._row = self._cell = self._tag = None
        self._label, self._names = None, []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "tr" and "data-key" in attributes:
            self._row = self.rows.setdefault(attributes["data-key"], {})
        if tag == "td" and self._row is not None:
            is_name = "name" in attributes.get("class", "").split()
            self._cell = attributes.get("data-label", "name" if is_name else None)
            if self._cell:
                self._row.setdefault(self._cell, "")
        if tag in ("dt", "dd"):
            self._tag = tag if not (tag == "dd" and "under" in attributes.get("class", "")) else "under"
            if tag == "dt":
                self._label = ""

    def handle_endtag(self, tag):
        if tag == "tr":
            self._row = None
        if tag == "td":
            self._cell = None
        if tag in ("dt", "dd"):
            self._tag = None

    def handle_data(self, data):
        self.texts.append(data)
        if self._row is not None and self._cell is not None:
            self._row[self._cell] = (self._row[self._cell] + data).strip()
        if self._tag == "dt":
            self._label += data
        elif self._tag == "dd":
            self.figures[self._label] = (self.figures.get(self._label, "") + data).strip()


def read(answer):
    """`.rows[key][label]`, `.figures[label]`, `.text` of an answer with a page."""
    reader = _Reader()
    reader.feed(answer.text)
    reader.text = " ".join(" ".join(reader.texts).split())
    return reader
