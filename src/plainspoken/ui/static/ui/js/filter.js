// Lists that narrow while somebody types, and tables that htmx swaps. Both say how much was found.
import { say } from "./say.js";

function words(element) {
  return (element.dataset.words ?? element.textContent).toLowerCase();
}

function narrow(field) {
  const list = document.querySelector(field.dataset.narrow);
  if (!list) return;
  const wanted = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const item of list.querySelectorAll("[data-words]")) {
    const fits = wanted.every((word) => words(item).includes(word));
    item.hidden = !fits;
    if (fits) found += 1;
  }
  for (const group of list.querySelectorAll("[data-group]")) {
    const open = [...group.querySelectorAll("[data-words]")].some((item) => !item.hidden);
    group.hidden = !open;
    const details = group.querySelector("details");
    if (!details) continue;
    if (wanted.length && open) {
      details.dataset.wasOpen ??= String(details.open);
      details.open = true;
    } else if (!wanted.length && details.dataset.wasOpen) {
      details.open = details.dataset.wasOpen === "true";
      delete details.dataset.wasOpen;
    }
  }
  const nothing = (list.closest(".pn-sheet") ?? list.parentElement)?.querySelector("[data-nothing]");
  if (nothing) nothing.hidden = found > 0;
  if (wanted.length) say(`${found} found`);
}

for (const field of document.querySelectorAll("[data-narrow]")) {
  field.addEventListener("input", () => narrow(field));
  field.form?.addEventListener("submit", (event) => event.preventDefault());
  if (field.value) narrow(field);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open-all]");
  if (!button) return;
  const open = button.getAttribute("aria-pressed") !== "true";
  for (const details of document.querySelectorAll(`${button.dataset.openAll} details`)) {
    if (!details.closest("details details")) details.open = open;
  }
  button.setAttribute("aria-pressed", String(open));
  button.textContent = button.textContent.replace(open ? "Open" : "Close", open ? "Close" : "Open");
});

// Empty fields stay out of the address.
document.addEventListener("htmx:config:request", (event) => {
  const { request, sourceElement } = event.detail.ctx;
  if (!sourceElement?.matches?.("[data-filter-form]") || !(request.body instanceof FormData)) return;
  for (const [name, value] of [...request.body.entries()]) {
    if (value === "") request.body.delete(name);
  }
});

document.addEventListener("htmx:after:swap", () => say(document.getElementById("found")?.textContent));
