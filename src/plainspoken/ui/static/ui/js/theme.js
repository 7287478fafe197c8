// Runs before the first paint: the person's own choice, else the system's. The only thing kept is the choice itself,
// under the key "plainspoken.theme" of this site's local storage, and only after the person has chosen.
(() => {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search).get("theme");
  let chosen = null;
  try {
    chosen = localStorage.getItem("plainspoken.theme");
  } catch {
    chosen = null; // storage is switched off: the system's choice counts
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const theme = [asked, chosen].find((name) => name === "dark" || name === "light") ?? system;
  root.setAttribute("data-bs-theme", theme);
  root.classList.add("js");
})();
