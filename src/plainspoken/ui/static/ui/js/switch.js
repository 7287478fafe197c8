// The switch between light and dark. Drawings that resolve tokens listen to "themechange" on the document.
function remember(theme) {
  try {
    localStorage.setItem("plainspoken.theme", theme);
  } catch {
    // Storage is switched off: the choice lasts for this page.
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const root = document.documentElement;
  const theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
  root.setAttribute("data-bs-theme", theme);
  remember(theme);
  document.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
});
