/** What can go wrong, each in one sentence with the way out. */

/** Something that the user is told. */
export class Problem extends Error {
  /**
   * @param {string} message one sentence, with the way out.
   * @param {{wantsToken?: boolean}} [also] `wantsToken`: a token is the way out.
   */
  constructor(message, { wantsToken = false } = {}) {
    super(message);
    this.name = "Problem";
    this.wantsToken = wantsToken;
  }
}

/** The close code with which the bridge says that the token is missing or wrong. */
export const TOKEN_WANTED = 4401;

/** Names of DOMExceptions: https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia */
const MICROPHONE_PROBLEMS = new Map([
  [
    "NotAllowedError",
    "The microphone was refused: allow it for this page in the browser's site " +
      "settings (and in the system's privacy settings), then connect again.",
  ],
  [
    "NotFoundError",
    "No microphone was found: plug one in or enable it in the system's settings, " +
      "then connect again.",
  ],
  [
    "NotReadableError",
    "The microphone could not be opened, usually because another program uses it: " +
      "close that program or choose another microphone, then connect again.",
  ],
  [
    "OverconstrainedError",
    "The chosen microphone is no longer there: choose another one, then connect again.",
  ],
]);

/**
 * @param {unknown} error what `getUserMedia` threw.
 * @returns {Problem}
 */
export function microphoneProblem(error) {
  const { name = "Error", message = "" } = error instanceof Error ? error : {};
  return new Problem(
    MICROPHONE_PROBLEMS.get(name) ??
      `The microphone could not be opened (${name}: ${message}): try another microphone.`,
  );
}

/** @param {string} host */
export function insecureContext(host) {
  return new Problem(
    "Browsers give the microphone only to pages from https or localhost, and this one " +
      `came from http://${host}: open it as https://${host}, or on the bridge's own ` +
      "machine as http://localhost.",
  );
}

/** @param {string} url */
export function unreachable(url) {
  return new Problem(
    `The bridge did not accept a connection to ${url}: check that it is running, and ` +
      "that this page's address is among the origins that it accepts.",
  );
}

/** @param {number} seconds */
export function tooLate(seconds) {
  return new Problem(
    `The bridge did not answer within ${seconds} seconds: check that it reaches its ` +
      "Realtime server, then connect again.",
  );
}

/** @param {string} message what the bridge said. */
export function refused(message) {
  const wantsToken = /\btoken\b/i.test(message);
  return new Problem(`The bridge refused the session: ${message}`, { wantsToken });
}

/** @param {string} words what the bridge said of it. */
export function endedThere(words) {
  return new Problem(`The bridge ended the call: ${words}`);
}

/** @param {number} code of the connection's end. */
export function connectionLost(code) {
  return new Problem(
    `The connection to the bridge was lost (code ${code}): check the network and the ` +
      "bridge, then connect again.",
  );
}

export function tokenWanted() {
  return new Problem(
    "The bridge asks for a token, and the one given is missing or wrong: enter it " +
      "below, then connect again.",
    { wantsToken: true },
  );
}

export function microphoneLost() {
  return new Problem(
    "The microphone was disconnected: plug it in or choose another one, then connect again.",
  );
}

export function stalled() {
  return new Problem(
    "The network does not carry the microphone's sound in time: the call was ended; " +
      "check the network, then connect again.",
  );
}
