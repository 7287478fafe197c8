// Opens the closed group around the element that the address names, so that deep links show what they point at.
export function openAround(id) {
  const target = id && document.getElementById(decodeURIComponent(id));
  if (!target) return null;
  for (let box = target.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
  if (target instanceof HTMLDetailsElement) target.open = true;
  return target;
}
