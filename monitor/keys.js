// The keyboard: / searches, g and a letter goes to a page, j and k go through rows, ? tells all of them.

const prefix = document.body.dataset.prefix ?? "";
const pages = {
  o: ["Overview", "/"], q: ["Queues", "/queues"], w: ["Workers", "/workers"], t: ["Tasks", "/tasks"],
  f: ["Workflows", "/workflows"], d: ["Dead letters", "/dead-letters"], s: ["Schedules", "/schedules"],
  b: ["Broker", "/broker"], a: ["Alerts", "/alerts"],
};
let isGoing = false;
let going = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  if (isGoing) {
    isGoing = false;
    clearTimeout(going);
    if (pages[event.key]) location.href = prefix + pages[event.key][1];
    return;
  }
  switch (event.key) {
    case "g":
      isGoing = true;
      going = setTimeout(() => (isGoing = false), 1500);
      break;
    case "/": {
      const field = document.querySelector("[data-search], main input[type=search]");
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
      break;
    }
    case "j":
    case "k":
      step(event.key === "j" ? 1 : -1);
      break;
    case "?":
      help();
      break;
  }
});

/** To the link of the next row, or of the one before. */
function step(by) {
  const links = [...document.querySelectorAll("table.data tbody tr")]
    .map((row) => row.querySelector("td.name a, th a, a")).filter(Boolean);
  if (links.length === 0) return;
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

function help() {
  let dialog = document.querySelector("dialog[data-keys]");
  if (!dialog) {
    const rows = [
      ["/", "search"], ["j k", "next and previous row"], ["Enter", "open it"],
      ...Object.entries(pages).map(([key, [title]]) => [`g ${key}`, title]), ["?", "this list"], ["Esc", "close"],
    ];
    dialog = document.createElement("dialog");
    dialog.dataset.keys = "";
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.innerHTML = '<h2 id="keys-title">Keys</h2><table><tbody></tbody></table><form method="dialog"><button>Close</button></form>';
    const body = dialog.querySelector("tbody");
    for (const [keys, text] of rows) {
      const row = body.insertRow();
      for (const key of keys.split(" ")) {
        const mark = document.createElement("kbd");
        mark.textContent = key;
        if (!row.cells.length) row.insertCell();
        row.cells[0].append(mark, " ");
      }
      row.insertCell().textContent = text;
    }
    document.body.append(dialog);
  }
  dialog.open ? dialog.close() : dialog.showModal();
}

document.querySelector("[data-keys-help]")?.addEventListener("click", help);
