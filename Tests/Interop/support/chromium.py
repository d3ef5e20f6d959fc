"""Carries out support/browser.py's requests with Playwright: one JSON list a line in, one JSON object a line out.

    chromium.py EXECUTABLE        run by the Python of Flower's virtualenv
"""
import json
import os
import sys

from playwright.sync_api import Error, sync_playwright

# Long names are parts of their own, so that a narrow page can break them.
ROWS = r"rows => rows.map(row => [...row.cells].map(cell => cell.innerText.replace(/\n/g, '').trim()))"

PAIRS = "rows => rows.map(row => ['dt', 'dd'].map(part => row.querySelector(part).innerText.trim()))"


class Page:
    def __init__(self, browser):
        self.browser, self.page, self.found = browser, None, []
        # Without motion, a tab is there as soon as it is clicked, also in a picture.
        self.look(1280, 800, "light", True)

    def look(self, width, height, scheme, scripts):
        """A new window."""
        if self.page:
            self.page.context.close()
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme,
                                           java_script_enabled=scripts, reduced_motion="reduce")
        self.page = page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("requestfailed", lambda request: self.found.append(f"request: {request.url} {request.failure}"))
        page.on("console", lambda line: line.type == "error" and self.found.append(f"console: {line.text}"))
        page.on("response", lambda answer: answer.status >= 500 and self.found.append(f"{answer.status}: {answer.url}"))

    def open(self, url):
        self.page.goto(url, wait_until="load")
        return self.page.title()

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()

    def rows(self, selector):
        return self.page.locator(f"{selector} > tbody > tr").evaluate_all(ROWS)

    def pairs(self, selector):
        return dict(self.page.locator(selector).evaluate_all(PAIRS))

    def wait_text(self, selector, text):
        element = self.page.locator(selector, has_text=text).first
        element.wait_for(state="visible")
        return element.inner_text()

    def click(self, selector):
        self.page.locator(selector).first.click()

    def fill(self, selector, text):
        self.page.locator(selector).first.fill(text)

    def press(self, keys):
        self.page.keyboard.press(keys)

    def hover(self, selector):
        self.page.locator(selector).first.hover()

    def evaluate(self, script):
        return self.page.evaluate(script)

    def url(self):
        return self.page.url

    def wait_url(self, pattern):
        self.page.wait_for_url(pattern)

    def shot(self, path):
        self.page.screenshot(path=path, full_page=True)

    def problems(self):
        found, self.found = self.found, []
        return found


def main():
    with sync_playwright() as playwright:
        # Chromium's sandbox does not work for root.
        browser = playwright.chromium.launch(executable_path=sys.argv[1], chromium_sandbox=os.getuid() != 0)
        page = Page(browser)
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            try:
                answer = {"value": getattr(page, name)(*arguments)}
            except Error as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
        browser.close()


main()
