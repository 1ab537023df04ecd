import assert from "node:assert/strict";
import { test } from "node:test";

import {
  LEAD_MS,
  PlayQueue,
} from "../../voicelab/serve/bridges/browser/page/audio/play-queue.js";
import { seeded } from "./rng.js";

const RATE_HZ = 16000;
const LEAD = (RATE_HZ * LEAD_MS) / 1000;
const BLOCK = 128;

/** With equal rates the filter is the identity, so that samples can be counted. */
class Played {
  constructor(deviceHz = RATE_HZ) {
    this.queue = new PlayQueue(RATE_HZ, deviceHz);
    this.samples = [];
    /** @type {{name: string, frame: number}[]} */
    this.marks = [];
  }

  blocks(count) {
    for (let done = 0; done < count; done += 1) {
      const block = new Float32Array(BLOCK);
      for (const { mark, frame } of this.queue.render(block)) {
        this.marks.push({ name: mark.name, frame: this.samples.length + frame });
      }
      this.samples.push(...block);
    }
    return this;
  }

  mark(name, audio_ms) {
    this.queue.mark({ name, item_id: "item", audio_ms });
  }

  get names() {
    return this.marks.map(({ name }) => name);
  }
}

const ramp = (count, from = 1) =>
  Float32Array.from({ length: count }, (_, index) => (from + index) / 2 ** 20);

test("what comes in is played in order, each sample once", () => {
  const played = new Played();
  played.queue.push(ramp(1000));
  played.queue.push(ramp(500, 1001));
  played.blocks(20);
  assert.deepEqual(played.samples.slice(0, 1500), [...ramp(1500)]);
  assert.ok(played.samples.slice(1500).every((sample) => sample === 0));
  assert.equal(played.queue.position, 1500);
});

test("nothing is played before the lead has come", () => {
  const played = new Played();
  played.queue.push(ramp(LEAD - 1));
  played.blocks(2);
  assert.ok(played.samples.every((sample) => sample === 0));
  played.queue.push(ramp(1));
  played.blocks(1);
  assert.notEqual(played.samples[2 * BLOCK], 0);
});

test("a sound shorter than the lead is played once the lead has passed", () => {
  const played = new Played();
  played.queue.push(ramp(10));
  played.blocks(20);
  const first = played.samples.findIndex((sample) => sample !== 0);
  assert.ok(first >= LEAD && first <= LEAD + BLOCK, `${first}`);
  assert.equal(played.queue.position, 10);
});

test("marks are reached at their sample", () => {
  const played = new Played();
  played.mark("begin", 0);
  played.queue.push(ramp(900));
  played.mark("middle", 56);
  played.queue.push(ramp(300));
  played.mark("end", 75);
  played.blocks(1);
  assert.deepEqual(played.names, ["begin"]);
  played.blocks(20);
  assert.deepEqual(played.marks, [
    { name: "begin", frame: 0 },
    { name: "middle", frame: 900 },
    { name: "end", frame: 1200 },
  ]);
});

test("an item's first mark waits for its first sample", () => {
  const played = new Played();
  played.mark("begin", 0);
  played.blocks(5);
  assert.deepEqual(played.names, []);
  played.queue.push(ramp(LEAD));
  played.blocks(1);
  assert.deepEqual(played.marks, [{ name: "begin", frame: 5 * BLOCK }]);
});

test("a mark after what was all played is reached at once", () => {
  const played = new Played();
  played.queue.push(ramp(1000));
  played.blocks(20);
  played.mark("late", 62);
  played.blocks(1);
  assert.deepEqual(played.names, ["late"]);
});

test("clearing stops within a block, and marks not reached never come", () => {
  const played = new Played();
  played.mark("begin", 0);
  played.queue.push(ramp(5000));
  played.mark("end", 312);
  played.blocks(4);
  assert.deepEqual(played.queue.clear(), { position: 512, dropped: 4488 });
  played.blocks(10);
  assert.ok(played.samples.slice(5 * BLOCK).every((sample) => sample === 0));
  assert.deepEqual(played.names, ["begin"]);
  assert.equal(played.queue.queued, 0);
});

test("clearing fades, without a click", () => {
  const played = new Played();
  played.queue.push(new Float32Array(5000).fill(0.5));
  played.blocks(4);
  played.queue.clear();
  played.blocks(2);
  const fade = played.samples.slice(4 * BLOCK - 1);
  for (let frame = 1; frame < fade.length; frame += 1) {
    assert.ok(Math.abs(fade[frame] - fade[frame - 1]) < 0.01, `${frame}`);
  }
});

test("what comes after clearing is played from its first sample", () => {
  const played = new Played();
  played.mark("a", 0);
  played.queue.push(ramp(5000));
  played.blocks(4);
  played.queue.clear();
  played.mark("b", 0);
  played.queue.push(new Float32Array(1000).fill(0.25));
  played.blocks(1);
  const faded = played.samples.slice(4 * BLOCK);
  // The rest of the fade of a soft ramp lies under the new sound's first block.
  assert.ok(faded.every((sample) => sample >= 0.25 && sample < 0.251));
  assert.deepEqual(played.names, ["a", "b"]);
  assert.equal(played.queue.position, 5000 + BLOCK);
});

test("clearing an empty queue is silent", () => {
  const played = new Played();
  assert.deepEqual(played.queue.clear(), { position: 0, dropped: 0 });
  played.blocks(2);
  assert.ok(played.samples.every((sample) => sample === 0));
});

test("only a gap within an item is an underrun", () => {
  const played = new Played();
  played.mark("a", 0);
  played.queue.push(ramp(1000));
  played.blocks(20);
  played.mark("b", 0);
  played.queue.push(ramp(1000));
  played.blocks(20);
  assert.equal(played.queue.underruns, 0, "a new item begins");
  played.queue.push(ramp(1000));
  assert.equal(played.queue.underruns, 1, "the item goes on after a gap");
  played.queue.push(ramp(1000));
  played.blocks(40);
  assert.equal(played.queue.underruns, 1, "and was one gap");
  played.queue.clear();
  played.queue.push(ramp(1000));
  assert.equal(played.queue.underruns, 1, "what was cleared is over");
});

test("an empty push is nothing", () => {
  const played = new Played();
  played.queue.push(ramp(1000));
  played.blocks(20);
  played.queue.push(new Float32Array(0));
  assert.equal(played.queue.underruns, 0);
});

for (const deviceHz of [8000, 16000, 44100, 48000, 96000]) {
  test(`positions are exact at ${deviceHz} Hz`, () => {
    const played = new Played(deviceHz);
    played.mark("begin", 0);
    played.queue.push(ramp(RATE_HZ));
    played.mark("second", 1000);
    played.queue.push(ramp(RATE_HZ));
    played.mark("end", 2000);
    played.blocks(Math.ceil((2.1 * deviceHz) / BLOCK));
    assert.deepEqual(
      played.marks.map(({ frame }) => frame),
      [0, deviceHz, 2 * deviceHz],
    );
    assert.equal(played.queue.position, 2 * RATE_HZ);
  });
}

test("two hours leave no drift", () => {
  // A tenth of 16 and 44.1 kHz: the same ratio, in a tenth of the time.
  const queue = new PlayQueue(1600, 4410);
  const second = new Float32Array(1600);
  const block = new Float32Array(4410);
  // The filter's sum is of no interest here, and most of the work.
  queue.resampler.ring.weigh = () => 0;
  queue.push(second);
  for (let seconds = 1; seconds <= 7200; seconds += 1) {
    queue.push(second);
    queue.render(block);
    assert.equal(queue.position, seconds * 1600);
  }
  assert.equal(queue.underruns, 0);
});

test("whatever happens, positions and marks keep their order", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = seeded(seed);
    const played = new Played(random() < 0.5 ? 48000 : 44100);
    const [asked, dropped] = [[], new Set()];
    let position = 0;
    for (let step = 0; step < 60; step += 1) {
      const kind = Math.floor(random() * 8);
      if (kind < 3) played.queue.push(ramp(Math.floor(random() * 1500)));
      else if (kind < 5) {
        asked.push(`m${step}`);
        played.mark(`m${step}`, random() < 0.3 ? 0 : step);
      } else if (kind < 7) played.blocks(Math.floor(random() * 20));
      else {
        for (const { mark } of played.queue.marks) dropped.add(mark.name);
        const before = played.queue.ring.end;
        const cleared = played.queue.clear();
        assert.equal(cleared.position + cleared.dropped, before);
      }
      assert.ok(played.queue.position >= position);
      assert.ok(played.queue.position <= played.queue.ring.end);
      position = played.queue.position;
    }
    const kept = asked.filter((name) => !dropped.has(name));
    assert.deepEqual(played.names, kept.slice(0, played.names.length), `seed ${seed}`);
  }
});
