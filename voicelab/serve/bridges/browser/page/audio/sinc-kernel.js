/**
 * The filter of both resamplers: a windowed sinc, tabulated by phase.
 *
 * A browser could resample by itself: an AudioContext takes a `sampleRate`. But
 * Firefox refuses to connect a microphone to a context of another rate than the
 * device's, every browser's filter is its own secret, and none says which of its
 * output samples belongs to which input sample, which is what marks are about. So
 * the context keeps the device's rate and the two worklets convert, in about four
 * million multiplications a second each.
 *
 * Kaiser's window: with 40 zero crossings on each side and beta 8 the stop band is
 * 80 dB down and the transition 1/16 of the lower rate wide, so that at 16 kHz
 * everything up to 7 kHz passes and nothing folds back (Kaiser & Schafer 1980,
 * https://doi.org/10.1109/TASSP.1980.1163349). It costs a delay of 2.5 ms.
 */

const ZERO_CROSSINGS = 40;
const BETA = 8;
const TRANSITION = 1 / 16;

export class SincKernel {
  /**
   * @param {number} fromHz whole rates.
   * @param {number} toHz
   */
  constructor(fromHz, toHz) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    /** Output sample `n` lies at input position `n * step / phases`. */
    this.phases = toHz / divisor;
    this.step = fromHz / divisor;
    const lowerHz = Math.min(fromHz, toHz);
    /** Input samples that count on each side of a position. */
    this.reach = Math.ceil((ZERO_CROSSINGS * fromHz) / lowerHz);
    this.taps = 2 * this.reach;
    const passing = fromHz === toHz ? 1 : (lowerHz / fromHz) * (1 - TRANSITION);
    this.table = this.#tabulate(passing);
  }

  /**
   * Row `phase` weighs the input samples from `floor(position) - reach + 1` on.
   *
   * @param {number} bandwidth of what passes, as a share of the input's.
   */
  #tabulate(bandwidth) {
    const table = new Float32Array(this.phases * this.taps);
    for (let phase = 0; phase < this.phases; phase += 1) {
      const row = table.subarray(phase * this.taps, (phase + 1) * this.taps);
      let sum = 0;
      for (let tap = 0; tap < this.taps; tap += 1) {
        const distance = tap - this.reach + 1 - phase / this.phases;
        row[tap] = sinc(distance * bandwidth) * kaiser(distance / this.reach);
        sum += row[tap];
      }
      // A constant stays what it is, whatever the phase.
      for (let tap = 0; tap < this.taps; tap += 1) row[tap] /= sum;
    }
    return table;
  }
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x within [-1, 1] is within the window. */
function kaiser(x) {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/**
 * The modified Bessel function of the first kind and order zero, by its series.
 *
 * @param {number} x
 */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let n = 1; term > sum * 1e-12; n += 1) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
