// A place to press of each word of a turn, made when the turn comes near the view or is spoken: a call of two hours has
// 20,000 words, and nothing needs a place for each at once. The times stand in data-words, one a word, in order.
const NEAR = "600px 0px"; // how far outside the view a turn is near

function split(text, times) {
  const parts = document.createDocumentFragment();
  for (const [run] of text.data.matchAll(/\s+|\S+/g)) {
    const time = /\S/.test(run) ? times.shift() : undefined;
    if (time === undefined || time === "-") {
      parts.append(run);
      continue;
    }
    const word = document.createElement("span");
    word.dataset.t = time;
    word.textContent = run;
    parts.append(word);
  }
  text.replaceWith(parts);
}

// The words of a turn with their times, made once.
export function wordsOf(turn) {
  const said = turn.querySelector("[data-words]");
  if (said) {
    const times = said.dataset.words.split(" ");
    said.removeAttribute("data-words");
    for (const node of [...said.childNodes]) if (node.nodeType === Node.TEXT_NODE) split(node, times);
  }
  return [...turn.querySelectorAll("[data-t]")];
}

// From now on turns that come near have their words.
export function watch(turns) {
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        watcher.unobserve(entry.target);
        wordsOf(entry.target);
      }
    },
    { rootMargin: NEAR },
  );
  for (const turn of turns) watcher.observe(turn);
}
