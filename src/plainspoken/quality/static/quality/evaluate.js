// Evaluating: conditional questions come and go with the answers they wait for, and remarks take the second that plays.
import { isLetterAllowed } from "../ui/js/keys.js";

function chosen(form, question) {
  const picked = form.querySelector(`input[name="a-${CSS.escape(question)}"]:checked`);
  return picked && !picked.closest("[hidden]") ? picked.value : null;
}

// In the order of the page, so that a question whose condition is hidden hides as well.
function follow(form) {
  for (const part of form.querySelectorAll("[data-waits-for]")) {
    const value = chosen(form, part.dataset.waitsFor);
    part.hidden = value === null || !part.dataset.waitsValues.split(" ").includes(value);
  }
}

for (const form of document.querySelectorAll("[data-answers]")) {
  for (const words of form.querySelectorAll(".qa-when")) words.hidden = true;
  form.addEventListener("change", () => follow(form));
  follow(form);
}

// ---- remarks ----

const box = document.querySelector("[data-remark]");
const sound = document.querySelector("[data-sound]");

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function at(seconds) {
  box.querySelector("[data-at]").value = seconds === null ? "" : seconds.toFixed(2);
  box.querySelector("[data-at-shown]").textContent = seconds === null ? "the whole conversation" : clock(seconds);
}

function second() {
  const head = Number(document.querySelector("[data-scrub]")?.getAttribute("aria-valuenow") ?? 0);
  return sound.readyState > 0 ? sound.currentTime : head;
}

if (box && sound) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || !isLetterAllowed(event)) return;
    event.preventDefault();
    at(second());
    box.querySelector("textarea").focus();
  });
  box.querySelector("textarea").addEventListener("focus", () => {
    if (!box.querySelector("[data-at]").value && second() > 0) at(second());
  });
}

document.addEventListener("htmx:after:request", (event) => {
  const { response, sourceElement } = event.detail.ctx;
  if (sourceElement !== box || response.status >= 400) return;
  box.querySelector("textarea").value = "";
  at(null);
});
