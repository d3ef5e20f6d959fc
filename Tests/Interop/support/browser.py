"""Chromium, driven from the tests' own Python: `Browser` here, Playwright in Flower's virtualenv (support/chromium.py)."""
import json
import subprocess
from pathlib import Path

from .flower import HERE, VENV
from .waiting import eventually

CHROMIUM = Path("/usr/bin/chromium")


def missing():
    """Why there can be no browser here, or None."""
    if not CHROMIUM.exists():
        return f"no {CHROMIUM}: scripts/install tests"
    found = list(VENV.glob("lib/python3*/site-packages/playwright"))
    return None if found else f"no Playwright in {VENV}: scripts/install tests"


class Browser:
    """One page. Every method waits for what it names and fails after ten seconds with Playwright's reason."""

    def __init__(self, folder, environment):
        self.log_path = folder / "browser.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [VENV / "bin" / "python", HERE / "chromium.py", CHROMIUM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, env={**environment, "HOME": str(folder)}, cwd=folder)

    def _do(self, name, *arguments):
        self.process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the browser is gone:\n{self.log_path.read_text()[-2000:]}"
        answer = json.loads(line)
        assert "error" not in answer, f"{name} {' '.join(map(str, arguments))}: {answer['error']}"
        return answer["value"]

    def open(self, url):
        """Returns the title."""
        return self._do("open", url)

    def text(self, selector="body"):
        """The text of the first element, as a reader sees it."""
        return self._do("text", selector)

    def rows(self, selector):
        """The rows of a table's body, each a list of the cells' texts."""
        return self._do("rows", selector)

    def pairs(self, selector):
        """The terms and details (dt, dd) in the elements, as a dict."""
        return self._do("pairs", selector)

    def wait_text(self, selector, text):
        """Until an element that shows `text` is visible; returns the whole of its text."""
        return self._do("wait_text", selector, text)

    def click(self, selector):
        self._do("click", selector)

    def fill(self, selector, text):
        self._do("fill", selector, text)

    def look(self, width=1280, height=800, scheme="light", scripts=True):
        """A new window, of that size, in that colour scheme, with or without JavaScript."""
        self._do("look", width, height, scheme, scripts)

    def press(self, keys):
        """As Playwright names them: `Tab`, `j`, `Shift+?`."""
        self._do("press", keys)

    def hover(self, selector):
        self._do("hover", selector)

    def evaluate(self, script):
        """The value of a JavaScript expression, or of a function's body given as `() => …`."""
        return self._do("evaluate", script)

    def wait_for(self, script):
        """Until the expression is true. It is asked from here: a page's policy may forbid to evaluate texts in it."""
        eventually(lambda: self.evaluate(script), 10, every=0.05, what=script)

    @property
    def url(self):
        return self._do("url")

    def wait_url(self, pattern):
        """Until the page's address matches, `**` for anything."""
        self._do("wait_url", pattern)

    def shot(self, path):
        """A PNG of the whole page."""
        self._do("shot", str(path))

    def problems(self):
        """Errors of the pages' scripts and requests that failed, since the last call."""
        return self._do("problems")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
