/**
 * Reads a ring of samples at another rate.
 *
 * The filter is centred on its position: an output sample at input position `p` is
 * made of the samples on both sides of `p`, so positions mean the same before and
 * after, and the delay is only in having to wait for what follows `p`.
 */

import { SincKernel } from "./sinc-kernel.js";

export class Resampler {
  /**
   * @param {import("./sample-ring.js").SampleRing} ring
   * @param {number} fromHz the ring's rate.
   * @param {number} toHz the rate of what is read.
   */
  constructor(ring, fromHz, toHz) {
    this.ring = ring;
    this.kernel = new SincKernel(fromHz, toHz);
    /** The next output sample is at `index + phase / kernel.phases`. */
    this.index = 0;
    this.phase = 0;
  }

  /** Whether all that the next sample is made of is there. */
  get ready() {
    return this.index + this.kernel.reach < this.ring.end;
  }

  /**
   * Go to a sample, as if only silence had been before it.
   *
   * @param {number} index
   */
  moveTo(index) {
    this.index = index;
    this.phase = 0;
    this.ring.dropBefore(index);
  }

  /** Read one sample; what is not there yet counts as silence. */
  next() {
    const { kernel, ring } = this;
    const row = this.phase * kernel.taps;
    const weights = kernel.table.subarray(row, row + kernel.taps);
    const value = ring.weigh(this.index - kernel.reach + 1, weights);
    this.phase += kernel.step;
    this.index += Math.floor(this.phase / kernel.phases);
    this.phase %= kernel.phases;
    ring.dropBefore(this.index - kernel.reach);
    return value;
  }
}
