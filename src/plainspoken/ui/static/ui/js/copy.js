// Copy a receipt or a link, print a page; the button says what happened, in place.
import { say } from "./say.js";

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
    button.dataset.done = "true";
  } catch {
    say("The browser does not allow copying. Select the text instead.");
  }
}

document.addEventListener("click", (event) => {
  const receipt = event.target.closest("[data-copy]");
  if (receipt) {
    const box = document.querySelector(receipt.dataset.copy);
    const lines = [...box.querySelectorAll("p:not(.pn-receipt-acts)")].map((line) => line.textContent.trim());
    copy(lines.join("\n"), receipt);
  }
  const link = event.target.closest("[data-copy-link]");
  if (link) copy(new URL(link.dataset.copyLink, location.href.split("#")[0]).href, link);
  if (event.target.closest("[data-print]")) print();
});
