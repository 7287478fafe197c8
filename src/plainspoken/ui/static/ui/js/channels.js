// Hear both channels of a call, or one of them in both ears. The audio graph is made when somebody first asks for it.
export class Channels {
  constructor(media) {
    this.media = media;
    this.graph = null;
  }

  build() {
    const context = new AudioContext();
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    context.createMediaElementSource(this.media).connect(splitter);
    merger.connect(context.destination);
    const gains = [0, 1].map((from) =>
      [0, 1].map((to) => {
        const gain = context.createGain();
        splitter.connect(gain, from);
        gain.connect(merger, 0, to);
        return gain;
      }),
    );
    return { context, gains };
  }

  hear(which) {
    if (!this.graph && which === "both") return;
    this.graph ??= this.build();
    this.graph.context.resume();
    const { gains } = this.graph;
    for (const from of [0, 1]) {
      for (const to of [0, 1]) {
        const wanted = which === "both" ? from === to : from === (which === "agent" ? 0 : 1);
        gains[from][to].gain.value = wanted ? 1 : 0;
      }
    }
  }
}
