// Keeps a page up to date: `main[data-live]` names a stream of Server-Sent Events, each with the HTML of <main>, which
// is morphed into the page, so that focus, selection, scroll, open details and typed text stay. Without this script the
// page is a page. It is quiet in hidden tabs, and can be paused.

const main = document.querySelector("main[data-live]");
const live = document.querySelector(".live");
const output = live?.querySelector("output");
const pauseButton = live?.querySelector("[data-pause]");
const firstWait = 1000;
const longestWait = 30000;

let source = null;
let wait = firstWait;
let timer = 0;
let isPaused = false;
let offlineSince = null;

const clock = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function show(state, text) {
  if (!live || (live.dataset.state === state && output.textContent === text)) return;
  live.dataset.state = state;
  output.textContent = text;
  output.title = text;
}

function open() {
  if (source || isPaused || document.hidden) return;
  clearTimeout(timer);
  source = new EventSource(main.dataset.live);
  source.addEventListener("open", () => {
    wait = firstWait;
    offlineSince = null;
    show("live", "live");
  });
  source.addEventListener("main", (event) => {
    const isHeld = update(event.data);
    if (isPaused) return;
    isHeld ? show("held", "held while you read") : show("live", "live");
  });
  source.addEventListener("end", () => {
    close();
    isPaused = true;
    show("offline", "the login has ended: load the page again");
  });
  source.addEventListener("failure", (event) => show("offline", event.data || "no answer"));
  source.addEventListener("error", () => {
    close();
    offlineSince ??= new Date();
    show("offline", `offline since ${clock(offlineSince)}`);
    timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, longestWait);
  });
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

function pause(paused) {
  isPaused = paused;
  pauseButton.setAttribute("aria-pressed", String(paused));
  pauseButton.textContent = paused ? "Resume" : "Pause";
  if (paused) {
    close();
    show("paused", `paused at ${clock(new Date())}`);
  } else {
    show("connecting", "connecting …");
    open();
  }
}

if (main && window.EventSource) {
  pauseButton?.addEventListener("click", () => pause(!isPaused));
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// MARK: Morphing

/** Puts new HTML into <main>. Returns whether lists were held still. */
function update(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const isHeld = [...main.querySelectorAll("[data-hold]")].some(isInUse);
  morphChildren(main, template.content);
  document.dispatchEvent(new CustomEvent("chard:updated"));
  return isHeld;
}

/** Whether somebody reads or works in it: its rows then stay where they are, and only what they say changes. */
function isInUse(element) {
  return element.matches(":hover") || element.contains(document.activeElement) ||
    element.querySelector("input:checked:not([data-all]), details[open]") !== null;
}

// Not `node.id`: a form's is the field of that name, when it has one.
const keyOf = (node) => (node.nodeType === 1 ? node.getAttribute("id") || node.getAttribute("data-key") : null);

const isSame = (one, other) =>
  one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

function morphChildren(parent, next) {
  const held = parent.nodeType === 1 && parent.matches("[data-hold]") && isInUse(parent);
  if (held) return updateHeld(parent, next);
  const keyed = new Map();
  for (const child of parent.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  const wantedKeys = new Set([...next.childNodes].map(keyOf).filter(Boolean));
  let place = parent.firstChild;
  for (const wanted of [...next.childNodes]) {
    const key = keyOf(wanted);
    const known = key && keyed.get(key);
    if (place && isSame(place, wanted)) {
      morph(place, wanted);
      place = place.nextSibling;
    } else if (known && known.nodeName === wanted.nodeName && isKept(known)) {
      parent.insertBefore(known, place);
      morph(known, wanted);
    } else {
      const fresh = document.importNode(wanted, true);
      // In its place rather than before it: what nobody works with is made anew, and nothing moves down.
      if (place && key && keyOf(place) && !(isKept(place) && wantedKeys.has(keyOf(place)))) {
        const after = place.nextSibling;
        place.replaceWith(fresh);
        place = after;
      } else {
        parent.insertBefore(fresh, place);
      }
    }
  }
  while (place) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

/** A row that has the focus, a mark or something open is moved; others are made anew, which is cheaper. */
const isKept = (row) => row.contains(document.activeElement) || row.querySelector("input:checked, details[open], canvas") !== null;

function updateHeld(parent, next) {
  const wanted = new Map();
  for (const child of next.children) if (keyOf(child)) wanted.set(keyOf(child), child);
  for (const child of parent.children) {
    const row = wanted.get(keyOf(child));
    if (row) morph(child, row);
  }
}

function morph(old, next) {
  if (old.nodeType !== 1) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.hasAttribute("data-keep")) return;
  if (old.isEqualNode(next)) return;
  morphAttributes(old, next);
  if (old.nodeName === "TEXTAREA") {
    if (old.value === old.defaultValue) old.value = next.defaultValue;
    return;
  }
  morphChildren(old, next);
}

/** What a person has set himself stays: values, marks, what is open. */
function morphAttributes(old, next) {
  const own = old.nodeName === "DETAILS" || old.nodeName === "DIALOG" ? ["open"] : [];
  if (old.nodeName === "INPUT") own.push("checked");
  const untouched = old.nodeName === "INPUT" && old.value === old.defaultValue && old !== document.activeElement;
  if (old.nodeName === "INPUT" && !untouched && old.type !== "hidden" && old.type !== "checkbox") own.push("value");
  for (const { name, value } of [...next.attributes]) {
    if (!own.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // Chart.js gives its canvas a size of its own.
  for (const { name } of old.nodeName === "CANVAS" ? [] : [...old.attributes]) {
    if (!own.includes(name) && !next.hasAttribute(name)) old.removeAttribute(name);
  }
}

// MARK: Small services of every page

/** "all" boxes mark the others of their table. */
document.addEventListener("change", (event) => {
  if (!event.target.matches?.("input[data-all]")) return;
  for (const box of event.target.closest("form, table").querySelectorAll("tbody input[type=checkbox]")) {
    box.checked = event.target.checked;
  }
});

/** A click elsewhere, or Escape, closes an open action. */
document.addEventListener("click", (event) => {
  for (const details of document.querySelectorAll("details.action[open]")) {
    if (!details.contains(event.target)) details.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const details of document.querySelectorAll("details.action[open]")) {
    details.open = false;
    details.querySelector("summary").focus();
  }
});

/** `data-copy` copies its value. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const text = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Can't copy";
  }
  setTimeout(() => (button.textContent = text), 1500);
});

const themes = ["system", "light", "dark"];
const themeButton = document.querySelector("[data-theme-toggle]");
const theme = () => document.documentElement.dataset.theme ?? "system";
const nameTheme = () => (themeButton.querySelector("b").textContent = theme());
themeButton?.addEventListener("click", () => {
  const next = themes[(themes.indexOf(theme()) + 1) % themes.length];
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    next === "system" ? localStorage.removeItem("chard-theme") : localStorage.setItem("chard-theme", next);
  } catch {
    // It is not remembered then.
  }
  nameTheme();
  document.dispatchEvent(new CustomEvent("chard:theme"));
});
if (themeButton) nameTheme();

// On a phone the navigation is a strip: the page's own entry shall be in sight.
const menu = document.querySelector(".menu");
const current = menu?.querySelector("[aria-current]");
if (current && menu.scrollWidth > menu.clientWidth) menu.scrollLeft = current.offsetLeft - menu.clientWidth / 3;

// A notice is told once: reloading the page must not tell it again.
const address = new URL(location.href);
if (address.searchParams.has("notice")) {
  address.searchParams.delete("notice");
  address.searchParams.delete("failed");
  history.replaceState(history.state, "", address);
}
