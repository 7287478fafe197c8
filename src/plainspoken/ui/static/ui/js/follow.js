// The transcript follows the sound until somebody scrolls by hand; "Following" takes it up again.
import { watch, wordsOf } from "./words.js";

const PAUSE_AFTER_OWN_SCROLL = 400; // milliseconds in which a scroll event is still our own

export class Follow {
  constructor(list, button) {
    this.list = list;
    this.button = button;
    this.turns = [...list.querySelectorAll(".pn-turn")];
    this.starts = this.turns.map((turn) => Number(turn.dataset.start));
    this.words = [];
    this.wordStarts = [];
    this.turn = null;
    this.word = null;
    this.on = true;
    this.ownScroll = 0;
    watch(this.turns);
    button?.addEventListener("click", () => this.set(!this.on));
    for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => this.byHand(), { passive: true });
    addEventListener("keydown", (event) => {
      if (["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"].includes(event.key)) this.byHand();
    });
  }

  byHand() {
    if (this.on && performance.now() - this.ownScroll > PAUSE_AFTER_OWN_SCROLL && this.playing?.()) this.set(false);
  }

  set(on) {
    this.on = on;
    if (!this.button) return;
    this.button.setAttribute("aria-pressed", String(on));
    this.button.querySelector("[data-follow-word]").textContent = on ? "Following" : "Follow";
    if (on) this.bring();
  }

  show(seconds) {
    const turn = this.turns[lastAtOrBefore(this.starts, seconds)] ?? null;
    if (turn !== this.turn) {
      this.turn?.classList.remove("pn-turn-now");
      this.turn?.removeAttribute("aria-current");
      turn?.classList.add("pn-turn-now");
      turn?.setAttribute("aria-current", "true");
      this.turn = turn;
      this.words = turn ? wordsOf(turn) : [];
      this.wordStarts = this.words.map((word) => Number(word.dataset.t));
      if (this.on && this.playing?.()) this.bring();
    }
    const word = this.words[lastAtOrBefore(this.wordStarts, seconds)] ?? null;
    if (word !== this.word) {
      this.word?.classList.remove("pn-now");
      word?.classList.add("pn-now");
      this.word = word;
    }
  }

  bring() {
    if (!this.turn) return;
    const box = this.turn.getBoundingClientRect();
    const top = parseFloat(getComputedStyle(this.turn).scrollMarginTop) || 0;
    if (box.top >= top && box.bottom <= innerHeight - 80) return;
    this.ownScroll = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.turn.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  }

  startOfNext(seconds, step) {
    const here = lastAtOrBefore(this.starts, seconds);
    if (step > 0) return this.starts[here + 1] ?? null;
    return seconds - (this.starts[here] ?? 0) > 1.5 ? this.starts[here] : (this.starts[here - 1] ?? 0);
  }
}

export function lastAtOrBefore(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value + 0.001) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
