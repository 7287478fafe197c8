// Silences of a call, which somebody may skip. A little of each is left, so that it can be heard that there was one.
const LEFT = 0.4; // seconds before and after

export class Silences {
  constructor(box) {
    this.skip = false;
    this.found = (box.dataset.silences ?? "")
      .split(" ")
      .map((one) => one.split("-").map(Number))
      .map(([start, end]) => [start + LEFT, end - LEFT])
      .filter(([start, end]) => end > start)
      .sort((one, other) => one[0] - other[0]);
  }

  // Where to go on from here, or null.
  past(seconds) {
    if (!this.skip) return null;
    const here = this.found.find(([start, end]) => seconds >= start && seconds < end);
    return here ? here[1] : null;
  }
}
