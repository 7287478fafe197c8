// One live region for the whole page: what changed without a new page is said there.
export function say(text) {
  const region = document.getElementById("said");
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}
