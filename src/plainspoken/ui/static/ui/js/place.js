// Places in per cent that SVG cannot carry, set through the CSS object model because style attributes are forbidden.
export function place(root = document) {
  for (const element of root.querySelectorAll("[data-left]")) {
    element.style.left = element.dataset.left;
    element.style.width = element.dataset.width;
    element.parentElement.dataset.placed = "";
  }
}
