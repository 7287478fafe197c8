// The drawer beside the promises: opens without a new page, follows the address, and gives the focus back.
import { openAround } from "./reveal.js";
import { say } from "./say.js";

const frame = document.querySelector("[data-with-drawer]");
const drawer = () => document.getElementById("drawer");
let opener = null;

function rowOf(id) {
  return document.querySelector(`[data-group] [data-clause="${CSS.escape(id)}"]`);
}

function markRow(id) {
  for (const row of document.querySelectorAll("[data-clause][aria-current]")) row.removeAttribute("aria-current");
  rowOf(id)?.setAttribute("aria-current", "true");
}

async function load(address, { push = true, focus = true } = {}) {
  const url = new URL(address, location.href);
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) {
    location.assign(url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("drawer");
  if (!fresh) {
    location.assign(url);
    return;
  }
  drawer().replaceWith(document.adoptNode(fresh));
  const id = url.searchParams.get("clause") ?? "";
  frame.classList.toggle("pn-drawer-shut", fresh.hidden);
  if (push) history.pushState({ clause: id }, "", url);
  if (id) {
    openAround(id);
    markRow(id);
  }
  if (focus && !fresh.hidden) fresh.focus({ preventScroll: matchMedia("(min-width: 1181px)").matches });
  say(fresh.querySelector("h2")?.textContent);
}

function close(link) {
  drawer().hidden = true;
  frame.classList.add("pn-drawer-shut");
  markRow("");
  history.pushState({ clause: "" }, "", link.href);
  opener?.focus();
}

document.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const row = event.target.closest("[data-clause]");
  const step = event.target.closest("[data-drawer-link]");
  const shut = event.target.closest("[data-drawer-close]");
  if (row) {
    event.preventDefault();
    opener = row;
    load(row.href);
  } else if (step) {
    event.preventDefault();
    load(step.href);
  } else if (shut) {
    event.preventDefault();
    close(shut);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !drawer().hidden && !document.querySelector("dialog[open]")) {
    drawer().querySelector("[data-drawer-close]")?.click();
  }
});

addEventListener("popstate", () => load(location.href, { push: false, focus: false }));

// #right.erase alone opens the clause too.
const named = location.hash.slice(1);
if (named) {
  const row = openAround(named);
  if (row?.dataset.clause && !new URLSearchParams(location.search).get("clause")) load(row.href, { push: false });
}
