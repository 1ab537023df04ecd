/** The outline of a sound over the last seconds: a range for each 20 ms. */

export const COLUMNS_PER_S = 50;
export const KEPT_S = 30;

const KEPT_COLUMNS = COLUMNS_PER_S * KEPT_S;

export class Envelope {
  constructor() {
    this.least = new Float32Array(KEPT_COLUMNS);
    this.greatest = new Float32Array(KEPT_COLUMNS);
    /** The newest column. */
    this.newest = -1;
    /** The first column that there ever was. */
    this.first = Infinity;
  }

  /**
   * @param {number} column those in between, if any, are silence.
   * @param {number} least
   * @param {number} greatest
   */
  add(column, least, greatest) {
    this.first = Math.min(this.first, column);
    const gap = Math.max(this.newest + 1, this.first, column - KEPT_COLUMNS);
    for (let silent = gap; silent < column; silent += 1) this.#set(silent, 0, 0);
    this.#set(column, least, greatest);
    this.newest = Math.max(this.newest, column);
  }

  /**
   * @param {number} column
   * @returns {[number, number] | null} its range; null where nothing is known.
   */
  at(column) {
    const oldest = Math.max(this.first, this.newest - KEPT_COLUMNS + 1);
    if (column < oldest || column > this.newest) {
      return null;
    }
    const slot = column % KEPT_COLUMNS;
    return [this.least[slot], this.greatest[slot]];
  }

  /**
   * @param {number} column
   * @param {number} least
   * @param {number} greatest
   */
  #set(column, least, greatest) {
    this.least[column % KEPT_COLUMNS] = least;
    this.greatest[column % KEPT_COLUMNS] = greatest;
  }
}

/**
 * @param {Int16Array} samples
 * @returns {[number, number]} the range, as shares of full scale.
 */
export function rangeOf(samples) {
  let least = 0;
  let greatest = 0;
  for (const sample of samples) {
    least = Math.min(least, sample);
    greatest = Math.max(greatest, sample);
  }
  return [least / 32768, greatest / 32768];
}
