// The voice of a zone: each call is spoken once, one after the other, none that is stale.
// display/speech.py decides on the clips; here they are joined.

const FOLDER = "/static/voice/";
const CHIME = "chime.ogg";
const BETWEEN_TIMES_MS = 500;
const KEPT = "display.spoken";
const MOST_KEPT = 200;
const MOST_CLIPS = 60;

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

/** Plays clips in a row, if the browser lets it. */
export class Player {
  constructor() {
    this.context = new AudioContext();
    this.buffers = new Map();
    this.gaps = fetch(`${FOLDER}manifest.json`)
      .then((answer) => answer.json())
      .catch(() => ({}));
  }

  blocked() {
    return this.context.state !== "running";
  }

  wake() {
    return this.context.resume().catch(() => {});
  }

  async load(clip) {
    if (!this.buffers.has(clip)) {
      try {
        const answer = await fetch(FOLDER + clip);
        this.buffers.set(clip, await this.context.decodeAudioData(await answer.arrayBuffer()));
      } catch (unheard) {
        return null; // the rest is said without it
      }
      // A second of sound takes 0.2 MB once decoded.
      if (this.buffers.size > MOST_CLIPS) this.buffers.delete(this.buffers.keys().next().value);
    }
    return this.buffers.get(clip);
  }

  /** Resolves when the last clip has been heard. */
  async play(clips) {
    const { gap_ms: gap = 20, before_window_ms: beforeWindow = 170 } = await this.gaps;
    const sounds = await Promise.all(clips.map((clip) => this.load(clip)));
    const from = this.context.currentTime + 0.05;
    let at = from;
    sounds.forEach((sound, n) => {
      if (!sound) return;
      if (at > from) at += (clips[n].startsWith("window-") ? beforeWindow : gap) / 1000;
      const source = this.context.createBufferSource();
      source.buffer = sound;
      source.connect(this.context.destination);
      source.start(at);
      at += sound.duration;
    });
    await pause((at - this.context.currentTime) * 1000);
  }
}

/** Speaks what a board calls; onSpeak(call or null) says whose turn it is. */
export class Announcer {
  constructor(player, { times, within_seconds: within }, clock, onSpeak) {
    Object.assign(this, { player, times, clock, onSpeak, within: within * 1000 });
    this.queue = [];
    this.busy = false;
    this.known = new Set(JSON.parse(sessionStorage.getItem(KEPT) || "[]")); // across reloads
  }

  stale(call) {
    return this.clock.now() - Date.parse(call.at) > this.within;
  }

  hear(calls) {
    for (const call of [...calls].reverse()) {
      const key = `${call.id}:${call.recall}`;
      if (this.known.has(key)) continue;
      this.known.add(key);
      if (!this.stale(call)) this.queue.push(call);
    }
    this.known = new Set([...this.known].slice(-MOST_KEPT));
    sessionStorage.setItem(KEPT, JSON.stringify([...this.known]));
    if (!this.busy) this.speakAll();
  }

  async speakAll() {
    this.busy = true;
    while (this.queue.length) {
      const call = this.queue.shift();
      if (this.stale(call) || this.player.blocked()) continue;
      this.onSpeak(call);
      await this.player.play([CHIME]);
      for (let time = 0; time < this.times; time += 1) {
        if (time) await pause(BETWEEN_TIMES_MS);
        await this.player.play(call.say);
      }
      this.onSpeak(null);
    }
    this.busy = false;
  }
}
