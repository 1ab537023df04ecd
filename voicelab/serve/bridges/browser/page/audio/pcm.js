/**
 * Samples as they cross the wire and as audio nodes have them.
 *
 * On the wire: 16-bit little-endian mono PCM in base64. In audio nodes: floats in
 * [-1, 1]. Every machine that runs a browser is little-endian, so an Int16Array is
 * the wire's order of bytes.
 */

const FULL_SCALE = 32768;

/**
 * @param {Int16Array} samples
 * @returns {string} base64.
 */
export function toBase64(samples) {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * @param {string} text base64 of whole samples.
 * @returns {Int16Array}
 * @throws {Error} when it is not base64, or ends within a sample.
 */
export function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (bytes.length % 2 !== 0)
    throw new Error(`${bytes.length} bytes end in half a sample`);
  return new Int16Array(bytes.buffer);
}

/**
 * @param {Float32Array} samples in [-1, 1]; what is beyond is clipped.
 * @returns {Int16Array}
 */
export function toInt16(samples) {
  return Int16Array.from(samples, (sample) =>
    Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample * FULL_SCALE))),
  );
}

/**
 * @param {Int16Array} samples
 * @returns {Float32Array} in [-1, 1).
 */
export function toFloat32(samples) {
  return Float32Array.from(samples, (sample) => sample / FULL_SCALE);
}
