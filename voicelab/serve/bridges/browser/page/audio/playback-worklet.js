/** The audio thread's side of the loudspeaker: plays a queue and says how far it is. */

import { COLUMNS_PER_S } from "./envelope.js";
import { PlayQueue } from "./play-queue.js";
import { toFloat32 } from "./pcm.js";

/**
 * @typedef {import("./play-queue.js").Mark} Mark
 * @typedef {{samples: Int16Array} | {mark: Mark} | {clear: true}} ToPlayer
 *
 * @typedef {object} PlayerReport every 20 ms.
 * @property {number} column which column of the context's time it is about.
 * @property {number} least the range of what was played.
 * @property {number} greatest
 * @property {number} position samples played, or dropped unplayed.
 * @property {number} queued samples.
 * @property {number} underruns
 *
 * @typedef {object} FromPlayer one of:
 * @property {PlayerReport} [report]
 * @property {{mark: Mark, time: number}} [reached]
 * @property {{position: number, dropped: number, time: number}} [cleared]
 */

class Player extends AudioWorkletProcessor {
  /** @param {{processorOptions: {rateHz: number}}} options */
  constructor({ processorOptions: { rateHz } }) {
    super();
    this.queue = new PlayQueue(rateHz, sampleRate);
    this.column = Math.round(currentTime * COLUMNS_PER_S);
    this.#beginReport();
    this.port.onmessage = ({ data }) => this.#take(data);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs one channel.
   */
  process(_inputs, [[block]]) {
    for (const { mark, frame } of this.queue.render(block)) {
      this.#say({ reached: { mark, time: currentTime + frame / sampleRate } });
    }
    for (const sample of block) {
      this.least = Math.min(this.least, sample);
      this.greatest = Math.max(this.greatest, sample);
    }
    if (currentTime >= (this.column + 1) / COLUMNS_PER_S) this.#report();
    return true;
  }

  /** @param {ToPlayer} message */
  #take(message) {
    if ("samples" in message) this.queue.push(toFloat32(message.samples));
    else if ("mark" in message) this.queue.mark(message.mark);
    else this.#say({ cleared: { ...this.queue.clear(), time: currentTime } });
  }

  #report() {
    const { position, queued, underruns } = this.queue;
    const { column, least, greatest } = this;
    this.#say({ report: { column, least, greatest, position, queued, underruns } });
    this.column += 1;
    this.#beginReport();
  }

  #beginReport() {
    this.least = 0;
    this.greatest = 0;
  }

  /** @param {FromPlayer} message */
  #say(message) {
    this.port.postMessage(message);
  }
}

registerProcessor("player", Player);
