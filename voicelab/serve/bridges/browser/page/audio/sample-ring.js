/**
 * Samples by their number since the first, of which only a stretch is kept.
 *
 * Those that are gone and those yet to come read as silence.
 */

const INITIAL_CAPACITY = 1 << 15;

export class SampleRing {
  constructor() {
    this.store = new Float32Array(INITIAL_CAPACITY);
    /** The first sample that is kept. */
    this.start = 0;
    /** How many there have been. */
    this.end = 0;
  }

  /**
   * Append samples; the store doubles when they do not fit.
   *
   * @param {Float32Array} samples
   */
  push(samples) {
    while (this.end - this.start + samples.length > this.store.length) this.#grow();
    const mask = this.store.length - 1;
    for (const sample of samples) {
      this.store[this.end & mask] = sample;
      this.end += 1;
    }
  }

  /**
   * Return the sum of the samples from `first` on, each times its weight.
   *
   * @param {number} first
   * @param {Float32Array} weights
   */
  weigh(first, weights) {
    const mask = this.store.length - 1;
    const from = Math.max(0, this.start - first);
    const to = Math.min(weights.length, this.end - first);
    let sum = 0;
    for (let tap = from; tap < to; tap += 1) {
      sum += weights[tap] * this.store[(first + tap) & mask];
    }
    return sum;
  }

  /**
   * Forget the samples before `index`.
   *
   * @param {number} index
   */
  dropBefore(index) {
    this.start = Math.max(this.start, Math.min(index, this.end));
  }

  #grow() {
    const mask = this.store.length - 1;
    const larger = new Float32Array(this.store.length * 2);
    for (let index = this.start; index < this.end; index += 1) {
      larger[index & (larger.length - 1)] = this.store[index & mask];
    }
    this.store = larger;
  }
}
