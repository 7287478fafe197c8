// Deep links into the layered notice, and a printed notice with every section open.
import { openAround } from "./reveal.js";

function follow() {
  openAround(location.hash.slice(1))?.scrollIntoView();
}

addEventListener("hashchange", follow);
addEventListener("beforeprint", () => {
  for (const layer of document.querySelectorAll("details")) layer.open = true;
});
follow();
