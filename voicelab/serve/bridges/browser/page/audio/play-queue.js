/**
 * What waits to be played, and how far playing has come.
 *
 * Positions are samples of the wire's rate since the connection began, counted
 * exactly. A mark stands at a position; it is reached when all before it has been
 * played. One at 0 ms of its item stands for the item's beginning instead: it is
 * reached when the first sample after it is played.
 */

import { Resampler } from "./resampler.js";
import { SampleRing } from "./sample-ring.js";

/**
 * What a player gathers before it begins, or begins again after running dry: what
 * arrives that much later than it should is not heard as a gap.
 */
export const LEAD_MS = 50;

/** @typedef {{name: string, item_id: string, audio_ms: number}} Mark */
/** @typedef {{mark: Mark, frame: number}} Reached a mark, and the frame of the block. */

export class PlayQueue {
  /**
   * @param {number} rateHz of what comes in.
   * @param {number} deviceHz of what goes out.
   */
  constructor(rateHz, deviceHz) {
    this.ring = new SampleRing();
    this.resampler = new Resampler(this.ring, rateHz, deviceHz);
    this.leadSamples = (LEAD_MS * rateHz) / 1000;
    this.leadFrames = (LEAD_MS * deviceHz) / 1000;
    /** @type {{mark: Mark, at: number}[]} */
    this.marks = [];
    this.playing = false;
    this.waitedFrames = 0;
    this.underruns = 0;
    /** Whether more of what has been played would continue it, not begin anew. */
    this.inItem = false;
    this.blockFrames = 128;
    this.fading = new Float32Array(0);
  }

  /** Samples played, or dropped unplayed. */
  get position() {
    return Math.min(this.resampler.index, this.ring.end);
  }

  get queued() {
    return this.ring.end - this.position;
  }

  /** @param {Float32Array} samples */
  push(samples) {
    if (samples.length === 0) return;
    if (!this.playing && this.queued === 0) {
      this.waitedFrames = 0;
      if (this.inItem) this.underruns += 1;
    }
    this.inItem = true;
    this.ring.push(samples);
  }

  /** @param {Mark} mark */
  mark(mark) {
    if (mark.audio_ms === 0) this.inItem = false;
    this.marks.push({ mark, at: this.ring.end });
  }

  /**
   * Drop what is queued, and the marks in it.
   *
   * What was being played fades out within the next block, because a sudden end
   * is heard as a click; the fade does not count as played.
   *
   * @returns {{position: number, dropped: number}} what had been played, and what
   *   is dropped.
   */
  clear() {
    const { position, queued } = this;
    if (this.playing) this.fading = this.#fade();
    this.marks = [];
    this.inItem = false;
    this.#stop();
    return { position, dropped: queued };
  }

  /**
   * Fill a block of the output.
   *
   * @param {Float32Array} block
   * @returns {Reached[]} the marks that it reaches, in order.
   */
  render(block) {
    this.blockFrames = block.length;
    /** @type {Reached[]} */
    const reached = [];
    this.#beginWhenDue(block.length);
    for (let frame = 0; frame < block.length; frame += 1) {
      this.#takeMarks(frame, reached);
      block[frame] = this.playing ? this.resampler.next() : 0;
      if (this.playing && this.resampler.index >= this.ring.end) this.#stop();
    }
    this.#takeMarks(block.length, reached);
    this.fading.forEach((sample, frame) => (block[frame] += sample));
    this.fading = new Float32Array(0);
    return reached;
  }

  /** @param {number} frames */
  #beginWhenDue(frames) {
    if (this.playing || this.queued === 0) return;
    this.playing =
      this.queued >= this.leadSamples || this.waitedFrames >= this.leadFrames;
    this.waitedFrames += frames;
  }

  /**
   * @param {number} frame
   * @param {Reached[]} reached
   */
  #takeMarks(frame, reached) {
    while (this.marks.length > 0 && this.#isReached(this.marks[0])) {
      const { mark } = /** @type {{mark: Mark}} */ (this.marks.shift());
      reached.push({ mark, frame });
    }
  }

  /** @param {{mark: Mark, at: number}} mark */
  #isReached({ mark, at }) {
    if (mark.audio_ms === 0) return this.playing && this.position >= at;
    return this.position >= at;
  }

  #fade() {
    const frames = this.blockFrames;
    return Float32Array.from(
      { length: frames },
      (_, frame) => this.resampler.next() * (1 - (frame + 1) / frames),
    );
  }

  #stop() {
    this.playing = false;
    this.resampler.moveTo(this.ring.end);
  }
}
