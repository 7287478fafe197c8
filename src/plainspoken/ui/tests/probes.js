// Questions that the tests ask a page. Evaluated from outside, so the policy of the page does not count them.
globalThis.probe = {
  // Violations of WCAG 2.2 and axe's best practices, one line each.
  async audit() {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    const line = (node) => `${node.target} ${node.failureSummary}`;
    return violations.map((found) => `${found.id}: ${found.nodes.slice(0, 3).map(line).join(" | ")}`);
  },

  // Where the focus is, and whether a ring of 2 pixels shows it.
  ring() {
    const box = document.activeElement;
    if (!box || box === document.body) return null;
    const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const around = box.closest(".pn-find");
    const styles = [getComputedStyle(box), getComputedStyle(box, "::after")];
    if (around) styles.push(getComputedStyle(around));
    const seen = box.getBoundingClientRect();
    box.stop ??= Math.random();
    const good = styles.some(ring) && seen.width > 0 && seen.height > 0;
    return { what: box.outerHTML.slice(0, 120), good, stop: box.stop };
  },

  // The sum of all layout shifts since the page began.
  shift() {
    return new Promise((done) => {
      let sum = 0;
      const count = (list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
      };
      new PerformanceObserver(count).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => done(sum), 150);
    });
  },

  // Controls lower than 44 pixels.
  small() {
    const all = document.querySelectorAll("button, summary, select, input:not([type=hidden]), .btn, .pn-nav a");
    return [...all]
      .map((control) => [control, (control.closest("label.pn-check, .pn-find") ?? control).getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && box.height > 0 && box.height < 43.5)
      .map(([control, box]) => `${box.height} ${control.outerHTML.slice(0, 90)}`);
  },

  // Tables that are wider than their frame, which would hide what does not fit.
  cut() {
    return [...document.querySelectorAll(".pn-results")].filter((box) => box.scrollWidth > box.clientWidth + 1).length;
  },

  widths() {
    return [document.documentElement.clientWidth, document.documentElement.scrollWidth];
  },

  canvases() {
    const host = document.querySelector("[data-waves] > div");
    return [...(host?.shadowRoot?.querySelectorAll(".canvases canvas") ?? [])];
  },

  // The first opaque colour of each channel's drawing.
  inks() {
    return probe.canvases().map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 3; at < data.length; at += 4) if (data[at] === 255) return [...data.slice(at - 3, at)].join();
      return "";
    });
  },

  // Whether the turn that is spoken can be seen.
  turnInView() {
    const box = document.querySelector(".pn-turn-now").getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  },
};
