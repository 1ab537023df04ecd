/** Both sounds of a call on one axis of time, caller above, agent below. */

import { COLUMNS_PER_S, Envelope, KEPT_S } from "../audio/envelope.js";

const PIXELS_PER_S = 70;
const LANE_MARGIN = 8;

/**
 * @typedef {{from: number, to: number | null}} Band in seconds of the context's time;
 *   `to` is null while it lasts.
 */

export class Waveform {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => number} now the context's time, in seconds; the right edge.
   */
  constructor(canvas, now) {
    this.canvas = canvas;
    this.now = now;
    this.caller = new Envelope();
    this.agent = new Envelope();
    /** @type {Band[]} while the session heard speech. */
    this.bands = [];
    /** @type {number[]} when the agent was interrupted. */
    this.cuts = [];
  }

  draw() {
    const { canvas } = this;
    const scale = devicePixelRatio;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    fit(canvas, Math.round(width * scale), Math.round(height * scale));
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    new Picture(pen, width, height, this.now(), getComputedStyle(canvas)).draw(this);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width in pixels of the screen.
 * @param {number} height
 */
function fit(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

class Picture {
  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {number} height
   * @param {number} end the time at the right edge.
   * @param {CSSStyleDeclaration} style whose colours are used.
   */
  constructor(pen, width, height, end, style) {
    this.pen = pen;
    this.width = width;
    this.height = height;
    this.end = end;
    this.colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`);
    this.seconds = Math.min(KEPT_S - 1, width / PIXELS_PER_S);
    pen.font = `11px ${style.fontFamily}`;
  }

  /** @param {Waveform} waveform */
  draw({ caller, agent, bands, cuts }) {
    const lane = this.height / 2;
    for (const band of bands) this.#band(band, lane);
    this.#grid();
    this.#sound(caller, lane / 2, lane, "caller");
    this.#sound(agent, lane * 1.5, lane, "agent");
    for (const time of cuts) this.#cut(time);
  }

  /** @param {number} time */
  #x(time) {
    return this.width * (1 - (this.end - time) / this.seconds);
  }

  #grid() {
    const { pen } = this;
    pen.textAlign = "center";
    for (let ago = 1; ago < this.seconds; ago += 1) {
      const x = Math.round(this.#x(this.end - ago)) + 0.5;
      pen.fillStyle = this.colour("line");
      pen.fillRect(x, this.height / 2 - 3, 1, 6);
      if (ago % 5 !== 0) continue;
      pen.fillStyle = this.colour("muted");
      pen.fillText(`−${ago} s`, x, this.height - 4);
    }
    pen.fillStyle = this.colour("line");
    pen.fillRect(0, this.height / 2, this.width, 1);
  }

  /**
   * @param {Band} band
   * @param {number} lane its height.
   */
  #band({ from, to }, lane) {
    const left = Math.max(0, this.#x(from));
    const right = this.#x(to ?? this.end);
    this.pen.fillStyle = this.colour("band");
    if (right > left) this.pen.fillRect(left, 0, right - left, lane);
  }

  /**
   * Heights grow with the root of the amplitude, so that soft speech shows too.
   *
   * @param {Envelope} envelope
   * @param {number} middle
   * @param {number} lane its height.
   * @param {string} colour
   */
  #sound(envelope, middle, lane, colour) {
    const { pen } = this;
    const reach = lane / 2 - LANE_MARGIN;
    const newest = Math.min(envelope.newest, Math.ceil(this.end * COLUMNS_PER_S));
    const oldest = Math.floor((this.end - this.seconds) * COLUMNS_PER_S) - 1;
    /** @type {[number, number][]} */
    const below = [];
    pen.beginPath();
    for (let column = newest; column >= oldest; column -= 1) {
      const range = envelope.at(column);
      if (!range) break;
      const x = this.#x((column + 0.5) / COLUMNS_PER_S);
      pen.lineTo(x, middle - 0.5 - Math.sqrt(Math.max(0, range[1])) * reach);
      below.push([x, middle + 0.5 + Math.sqrt(Math.max(0, -range[0])) * reach]);
    }
    for (const [x, y] of below.reverse()) pen.lineTo(x, y);
    pen.fillStyle = this.colour(colour);
    pen.fill();
  }

  /** @param {number} time */
  #cut(time) {
    const { pen } = this;
    const x = Math.round(this.#x(time)) + 0.5;
    if (x < 0) return;
    pen.strokeStyle = this.colour("cut");
    pen.lineWidth = 2;
    pen.setLineDash([5, 3]);
    pen.beginPath();
    pen.moveTo(x, 0);
    pen.lineTo(x, this.height);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = this.colour("cut-ink");
    pen.textAlign = x > this.width - 80 ? "right" : "left";
    pen.fillText(
      "interrupted",
      x + (pen.textAlign === "left" ? 5 : -5),
      this.height / 2 + 14,
    );
  }
}
