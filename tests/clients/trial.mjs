// What the JavaScript client scripts share.

import fs from "node:fs";

const RATE_HZ = 24000;
const SAMPLE_BYTES = 2;
const FRAME_MS = 20;
const FRAME_BYTES = ((RATE_HZ * FRAME_MS) / 1000) * SAMPLE_BYTES;
const SILENCE = Buffer.alloc(RATE_HZ * SAMPLE_BYTES * 0.9);
const AT_MOST_MS = 40_000;

export const MODEL = "gpt-realtime";

/** What `trials.Job` says, and what a script needs to do it. */
export class Job {
  constructor(file) {
    Object.assign(this, JSON.parse(fs.readFileSync(file, "utf8")));
  }

  speech(name) {
    return fs.readFileSync(this[name]);
  }

  /** Keep an event of the server as it came, to be held against the models later. */
  record(text) {
    fs.appendFileSync(this.events, text + "\n");
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Send PCM as a microphone would, and then the silence that ends a turn. */
export async function speak(audio, send) {
  const whole = Buffer.concat([audio, SILENCE]);
  const began = performance.now();
  for (let n = 0; n * FRAME_BYTES < whole.length; n += 1) {
    await sleep(Math.max(0, began + (n + 1) * FRAME_MS - performance.now()));
    send(whole.subarray(n * FRAME_BYTES, (n + 1) * FRAME_BYTES));
  }
}

/** Wait until something has come true; return it. */
export async function until(reached) {
  for (;;) {
    const found = reached();
    if (found) return found;
    await sleep(10);
  }
}

export const durationMs = (bytes) => (bytes * 1000) / (RATE_HZ * SAMPLE_BYTES);

/** Return a copy of its own: a part of a Buffer shares the memory of the whole. */
export const arrayBuffer = (bytes) => new Uint8Array(bytes).buffer;

/** Run the scenario that the command line names; say why it failed, if it did. */
export async function main(scenarios) {
  const [name, file] = process.argv.slice(2);
  const late = sleep(AT_MOST_MS).then(() => {
    throw new Error(`not done within ${AT_MOST_MS} ms`);
  });
  try {
    await Promise.race([scenarios[name](new Job(file)), late]);
    process.exit(0);
  } catch (error) {
    console.error(error);
    console.error(`${error.name}: ${error.message}`.replaceAll("\n", " "));
    process.exit(1);
  }
}
