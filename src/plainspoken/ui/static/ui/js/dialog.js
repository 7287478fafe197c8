// Dialogs open by themselves in browsers that know `commandfor`; this is for the others, and for the typed reference.
const native = "commandForElement" in HTMLButtonElement.prototype;

function show(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

if (!native) {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) show(document.getElementById(opener.dataset.opens));
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });
}

for (const dialog of document.querySelectorAll("dialog[data-open-now]")) show(dialog);

// The button of an act that cannot be undone wakes up when the reference is typed. The server checks it again.
function check(form) {
  const typed = form.querySelector("[data-typed-field]").value.trim().toUpperCase();
  form.querySelector("button[type=submit]").disabled = typed !== form.dataset.typed.toUpperCase();
}

for (const form of document.querySelectorAll("form[data-typed]")) {
  check(form);
  form.addEventListener("input", () => check(form));
}

for (const summary of document.querySelectorAll("[data-focus]")) summary.focus();
