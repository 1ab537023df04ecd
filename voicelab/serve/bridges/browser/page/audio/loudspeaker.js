/** The loudspeaker: a playing queue in its worklet, and marks told when heard. */

import { toFloat32 } from "./pcm.js";

/**
 * @typedef {import("./play-queue.js").Mark} Mark
 * @typedef {import("./playback-worklet.js").FromPlayer} FromPlayer
 * @typedef {import("./playback-worklet.js").PlayerReport} PlayerReport
 *
 * @typedef {object} Listener
 * @property {(mark: Mark) => void} heard all before the mark has left the device.
 * @property {(cleared: {position: number, dropped: number, time: number}) => void} cleared
 * @property {(report: PlayerReport) => void} report
 */

/** More than any device holds back; a browser that says more is wrong. */
const MAX_DEVICE_DELAY_MS = 2000;

/** @typedef {{mark: Mark, dueMs: number}} Unheard by the page's clock. */

export class Loudspeaker {
  /** @type {Unheard[]} played, and still on their way through the device. */
  #unheard = [];

  /**
   * @param {AudioContext} context whose `playback-worklet.js` is loaded.
   * @param {number} rateHz of what is played.
   * @param {Listener} listener
   */
  constructor(context, rateHz, listener) {
    this.context = context;
    this.listener = listener;
    this.stopped = false;
    this.node = new AudioWorkletNode(context, "player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { rateHz },
    });
    this.node.port.onmessage = ({ data }) => this.#take(data);
    this.node.connect(context.destination);
  }

  /** @param {Int16Array} samples which are given away. */
  play(samples) {
    this.node.port.postMessage({ samples }, [samples.buffer]);
  }

  /** @param {Mark} mark */
  mark(mark) {
    this.node.port.postMessage({ mark });
  }

  /** Drop what is queued, within one block of the audio thread. */
  clear() {
    this.node.port.postMessage({ clear: true });
  }

  stop() {
    this.stopped = true;
    this.node.port.onmessage = null;
    this.node.disconnect();
  }

  /** @param {FromPlayer} message */
  #take({ report, reached, cleared }) {
    if (report) this.listener.report(report);
    if (cleared) this.listener.cleared(cleared);
    if (reached) this.#tellWhenHeard(reached);
  }

  /**
   * A mark is told when the sound before it has left the device, not when it left
   * the queue: what counts is what was heard. What the device holds when the queue
   * is cleared is still heard, and so are the marks in it.
   *
   * @param {{mark: Mark, time: number}} reached
   */
  #tellWhenHeard({ mark, time }) {
    const waitMs = Math.min(msUntilHeard(this.context, time), MAX_DEVICE_DELAY_MS);
    this.#unheard.push({ mark, dueMs: performance.now() + waitMs });
    if (this.#unheard.length === 1) this.#tellWhatIsDue();
  }

  /** In the order of playing, however the estimates of the delay waver. */
  #tellWhatIsDue() {
    while (this.#unheard.length > 0) {
      const waitMs = this.#unheard[0].dueMs - performance.now();
      if (waitMs > 0) {
        setTimeout(() => this.#tellWhatIsDue(), waitMs);
        return;
      }
      const { mark } = /** @type {Unheard} */ (this.#unheard.shift());
      if (!this.stopped) this.listener.heard(mark);
    }
  }
}

/**
 * Return how long it takes until what is rendered at `time` leaves the device.
 *
 * The browser says which instant of the context's time is leaving the device at
 * which instant of the page's clock (https://www.w3.org/TR/webaudio/#dom-audiocontext-getoutputtimestamp);
 * before it knows, its estimate of the whole delay has to do.
 *
 * @param {AudioContext} context
 * @param {number} time of the context, in seconds.
 */
export function msUntilHeard(context, time) {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
  if (contextTime > 0) {
    return (time - contextTime) * 1000 - (performance.now() - performanceTime);
  }
  const delay = context.outputLatency || context.baseLatency;
  return (time + delay - context.currentTime) * 1000;
}
