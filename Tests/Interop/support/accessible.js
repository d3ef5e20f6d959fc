// What makes a page hard to use, as a list of lines: evaluated in the page by test_monitor_pages.py.
() => {
  const found = [];
  const visible = (element) => element.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) ?? true;
  const name = (element) => `${element.tagName.toLowerCase()}${element.className && typeof element.className === "string" ? "." + element.className.split(" ").join(".") : ""}`;

  // Structure: one h1, no level left out, landmarks, unique ids.
  const levels = [...document.querySelectorAll("main h1, main h2, main h3")].filter(visible).map((one) => Number(one.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) found.push(`headings: ${levels.filter((level) => level === 1).length} of h1`);
  levels.forEach((level, place) => place > 0 && level > levels[place - 1] + 1 && found.push(`headings: h${level} after h${levels[place - 1]}`));
  for (const landmark of ["main", "nav", "header"]) if (!document.querySelector(landmark)) found.push(`no <${landmark}>`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) found.push(`id ${id} twice`);
  if (!document.documentElement.lang) found.push("no language");

  // Names of everything that can be used.
  const text = (element) => (element.getAttribute("aria-label") ?? element.innerText ?? "").trim();
  for (const one of document.querySelectorAll("a[href], button, summary")) {
    if (visible(one) && !text(one) && !one.querySelector("img[alt]:not([alt='']), title")) found.push(`no name: ${one.outerHTML.slice(0, 120)}`);
  }
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (visible(one) && !one.labels?.length && !one.getAttribute("aria-label")) found.push(`no label: ${one.outerHTML.slice(0, 120)}`);
  }
  for (const one of document.querySelectorAll("canvas, main svg[role], img")) {
    if (!one.getAttribute("aria-label") && !one.hasAttribute("alt") && !one.hasAttribute("aria-labelledby")) found.push(`no text for ${name(one)}`);
  }
  for (const table of document.querySelectorAll("table.data")) {
    if (!table.querySelector("thead th")) found.push("a table without heads");
  }

  // Contrast of all text, WCAG 2.2 §1.4.3.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a), a: 1,
  });
  const background = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(parse(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), parse(getComputedStyle(document.body).backgroundColor));
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !visible(element) || element.closest("svg, canvas, .sr, option, datalist, noscript, [aria-disabled]")) continue;
    const [front, back] = [parse(getComputedStyle(element).color), background(element)];
    const mixed = over(front, back);
    const [high, low] = [light(mixed), light(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const line = `contrast ${ratio.toFixed(2)}: ${name(element)}`;
    if (ratio < 4.5 && !seen.has(line)) {
      seen.add(line);
      found.push(line);
    }
  }

  // Nothing makes the page scroll sideways.
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) found.push(`the page is ${wide} px too wide`);
  return found;
}
