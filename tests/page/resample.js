/** Reads 32-bit floats from the input, writes them at another rate. */

import { readFileSync, writeFileSync } from "node:fs";

import { Resampler } from "../../voicelab/serve/bridges/browser/page/audio/resampler.js";
import { SampleRing } from "../../voicelab/serve/bridges/browser/page/audio/sample-ring.js";

const [fromHz, toHz] = process.argv.slice(2).map(Number);
const ring = new SampleRing();
const resampler = new Resampler(ring, fromHz, toHz);
const input = readFileSync(0);
const samples = new Float32Array(new Uint8Array(input).buffer);
const output = [];
for (let start = 0; start < samples.length; start += 128) {
  ring.push(samples.subarray(start, start + 128));
  while (resampler.ready) output.push(resampler.next());
}
writeFileSync(1, new Uint8Array(Float32Array.from(output).buffer));
