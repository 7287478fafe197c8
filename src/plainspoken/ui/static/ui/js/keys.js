// Keys for the whole page. Single letters rest in fields and can be switched off in the list of keys.
const SWITCH = "plainspoken.letters";
let pending = "";

function lettersOn() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

export function isTyping(target) {
  return target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable=true], dialog"));
}

export function isPlain(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
}

export function isLetterAllowed(event) {
  return isPlain(event) && !isTyping(event.target) && lettersOn();
}

function visible(element) {
  return element.getClientRects().length > 0;
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-rows] [data-row], [data-rows] [data-clause]")].filter(visible);
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement?.closest("[data-row], [data-clause]"));
  const start = here < 0 ? rows.findIndex((row) => row.hasAttribute("aria-current")) : here;
  const next = start < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, start + step));
  rows[next].focus();
}

function focusSearch() {
  const field = [...document.querySelectorAll("[data-find]")].find(visible);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function go(second) {
  const promises = document.querySelector("[data-promises]")?.dataset.promises;
  if (second === "p" && promises) location.assign(promises);
}

document.addEventListener("keydown", (event) => {
  if (!isLetterAllowed(event)) return;
  const first = pending;
  pending = "";
  if (first === "g") {
    go(event.key);
    return;
  }
  if (event.key === "g") pending = "g";
  else if (event.key === "j") moveRow(1);
  else if (event.key === "k") moveRow(-1);
  else if (event.key === "/" && focusSearch()) event.preventDefault();
  else if (event.key === "?") document.getElementById("keys")?.showModal();
});

const box = document.querySelector("[data-letter-keys]");
if (box) {
  box.checked = lettersOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(SWITCH, box.checked ? "on" : "off");
    } catch {
      // Storage is switched off: the keys stay on.
    }
  });
}
