import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Envelope,
  rangeOf,
} from "../../voicelab/serve/bridges/browser/page/audio/envelope.js";
import {
  fromBase64,
  toBase64,
  toInt16,
} from "../../voicelab/serve/bridges/browser/page/audio/pcm.js";
import { SampleRing } from "../../voicelab/serve/bridges/browser/page/audio/sample-ring.js";
import {
  EventLog,
  briefly,
  isBad,
  lets,
} from "../../voicelab/serve/bridges/browser/page/model/event-log.js";
import { ItemLedger } from "../../voicelab/serve/bridges/browser/page/model/item-ledger.js";
import {
  Transcript,
  heardCharacters,
} from "../../voicelab/serve/bridges/browser/page/model/transcript.js";
import {
  Turns,
  median,
} from "../../voicelab/serve/bridges/browser/page/model/turns.js";
import { seeded } from "./rng.js";

// -- samples ------------------------------------------------------------------------

test("base64 is of little-endian samples", () => {
  const samples = Int16Array.of(0, 1, -1, 32767, -32768);
  const bytes = Buffer.from([0, 0, 1, 0, 255, 255, 255, 127, 0, 128]);
  assert.equal(toBase64(samples), bytes.toString("base64"));
  assert.deepEqual(fromBase64(bytes.toString("base64")), samples);
});

test("a part of a buffer is encoded as that part", () => {
  const part = Int16Array.of(1, 2, 3, 4).subarray(1, 3);
  assert.deepEqual(fromBase64(toBase64(part)), Int16Array.of(2, 3));
});

test("half a sample is refused", () => {
  assert.throws(() => fromBase64("AAAA"), /half a sample/);
});

test("floats are clipped, not wrapped", () => {
  const samples = toInt16(Float32Array.of(-1.5, -1, 0, 0.5, 1, 1.5));
  assert.deepEqual(samples, Int16Array.of(-32768, -32768, 0, 16384, 32767, 32767));
});

test("a ring has its samples by number, and silence elsewhere", () => {
  const random = seeded(1);
  const all = [];
  const ring = new SampleRing();
  const one = Float32Array.of(1);
  for (let step = 0; step < 300; step += 1) {
    const more = Float32Array.from({ length: Math.floor(random() * 3000) }, random);
    all.push(...more);
    ring.push(more);
    ring.dropBefore(Math.floor(ring.start + random() * (ring.end - ring.start)));
    for (const at of [ring.start - 1, ring.start, ring.end - 1, ring.end]) {
      const there = at >= ring.start && at < ring.end;
      assert.equal(ring.weigh(at, one), there ? all[at] : 0);
    }
  }
});

// -- outlines -----------------------------------------------------------------------

test("an outline keeps the last half minute, and gaps are silence", () => {
  const outline = new Envelope();
  assert.equal(outline.at(0), null);
  outline.add(100, -0.5, 0.25);
  outline.add(103, -0.125, 0.5);
  assert.deepEqual(
    [99, 100, 101, 102, 103, 104].map((column) => outline.at(column)),
    [null, [-0.5, 0.25], [0, 0], [0, 0], [-0.125, 0.5], null],
  );
  outline.add(1600, 0, 0);
  assert.equal(outline.at(100), null);
  assert.deepEqual(
    [103, 104, 1600].map((column) => outline.at(column)),
    [
      [-0.125, 0.5],
      [0, 0],
      [0, 0],
    ],
  );
});

test("the range of samples is of full scale", () => {
  assert.deepEqual(rangeOf(Int16Array.of(3, -16384, 8192)), [-0.5, 0.25]);
});

// -- items --------------------------------------------------------------------------

const begins = (itemId) => ({ name: `${itemId} begins`, item_id: itemId, audio_ms: 0 });

test("an item cut short was played up to the position", () => {
  const ledger = new ItemLedger(16000);
  ledger.mark(begins("a"));
  ledger.audio(16000);
  ledger.mark({ name: "a1", item_id: "a", audio_ms: 1000 });
  ledger.mark(begins("b"));
  ledger.audio(32000);
  ledger.mark(begins("c"));
  ledger.audio(1600);
  assert.deepEqual(ledger.cleared(24000, 25600), ["b", "c"]);
  assert.deepEqual(
    ["a", "b", "c"].map((item) => ledger.receivedMs(item)),
    [1000, 2000, 100],
  );
  assert.deepEqual(
    ["a", "b", "c"].map((item) => ledger.playedMs(item)),
    [null, 500, 0],
  );
});

test("positions go on after a cut", () => {
  const ledger = new ItemLedger(16000);
  ledger.mark(begins("a"));
  ledger.audio(16000);
  ledger.cleared(8000, 8000);
  ledger.mark(begins("b"));
  ledger.audio(16000);
  assert.deepEqual(ledger.cleared(20000, 12000), ["b"]);
  assert.deepEqual([ledger.playedMs("a"), ledger.playedMs("b")], [500, 250]);
});

test("what came after a cut is not cut by it, though word of it is late", () => {
  const ledger = new ItemLedger(16000);
  ledger.mark(begins("a"));
  ledger.audio(16000);
  ledger.mark(begins("b"));
  ledger.audio(320);
  assert.deepEqual(ledger.cleared(8000, 8000), ["a"]);
  assert.equal(ledger.playedMs("b"), null);
});

test("what was played in full is not cut", () => {
  const ledger = new ItemLedger(16000);
  ledger.mark(begins("a"));
  ledger.audio(16000);
  assert.deepEqual(ledger.cleared(16000, 0), []);
  assert.equal(ledger.playedMs("a"), null);
  assert.equal(ledger.receivedMs("unknown"), 0);
});

// -- turns --------------------------------------------------------------------------

test("a turn's latency is from the stop of speech to the first sample heard", () => {
  const turns = new Turns();
  turns.heard("greeting", 100);
  turns.speechStopped(1000);
  turns.heard("a", 1800);
  turns.heard("more of the same answer", 2500);
  turns.speechStopped(4000);
  turns.speechStopped(5000);
  turns.heard("b", 5500);
  assert.deepEqual(
    turns.list.map(({ latencyMs }) => latencyMs),
    [null, 800, null, 500],
  );
  assert.equal(median(turns.latenciesMs), 650);
});

test("a turn keeps what was played and what was claimed", () => {
  const turns = new Turns();
  turns.heard("a", 0);
  turns.truncated("a", 480);
  turns.cut("a", 500, 2000);
  assert.deepEqual(turns.list, [
    { itemId: "a", latencyMs: null, playedMs: 500, receivedMs: 2000, claimedMs: 480 },
  ]);
});

test("the median is the middle", () => {
  assert.equal(median([]), null);
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

// -- transcript ---------------------------------------------------------------------

function said(...pieces) {
  const transcript = new Transcript();
  let utterance;
  for (const [delta, ms] of pieces) {
    const event = {
      type: "response.output_audio_transcript.delta",
      item_id: "a",
      delta,
    };
    utterance = transcript.take(event, ms);
  }
  return utterance;
}

const heard = (utterance, receivedMs, heardMs) =>
  utterance.text.slice(0, heardCharacters(utterance, receivedMs, heardMs));

test("text that came with its audio is cut where that audio was", () => {
  const utterance = said(["One two ", 0], ["three four ", 1000], ["five six", 4000]);
  assert.equal(heard(utterance, 5000, 0), "");
  assert.equal(heard(utterance, 5000, 999), "One two");
  assert.equal(heard(utterance, 5000, 2800), "One two three");
  assert.equal(heard(utterance, 5000, 4000), "One two three four");
  assert.equal(heard(utterance, 5000, 5000), "One two three four five six");
});

test("text that came before all audio is spread over it", () => {
  const utterance = said(["One two ", 0], ["three four", 0]);
  assert.equal(heard(utterance, 1000, 500), "One two");
  assert.equal(heard(utterance, 1000, 1000), "One two three four");
});

test("text whose audio never came was not heard", () => {
  const utterance = said(["One two ", 0], ["three four", 1000]);
  assert.equal(heard(utterance, 1000, 1000), "One two ");
  assert.equal(heard(said(["One two", 0]), 0, 0), "");
});

test("more heard is never less text", () => {
  const utterance = said(["A fairly long ", 0], ["sentence of words", 300], ["!", 900]);
  let before = 0;
  for (let ms = 0; ms <= 1100; ms += 7) {
    const characters = heardCharacters(utterance, 1000, ms);
    assert.ok(characters >= before);
    before = characters;
  }
  assert.equal(before, utterance.text.length);
});

test("the caller's words replace what stood for them", () => {
  const transcript = new Transcript();
  const note = (type, fields) => transcript.take({ type, item_id: "u", ...fields }, 0);
  assert.equal(note("input_audio_buffer.speech_started").note, "speaking");
  assert.equal(note("input_audio_buffer.speech_stopped").note, "not transcribed");
  const prefix = "conversation.item.input_audio_transcription.";
  assert.equal(note(`${prefix}delta`, { delta: "He" }).text, "He");
  const { text, done, party } = note(`${prefix}completed`, { transcript: " Hello. " });
  assert.deepEqual(
    { text, done, party },
    { text: "Hello.", done: true, party: "caller" },
  );
  assert.equal(transcript.take({ type: "response.done" }, 0), undefined);
  assert.equal(transcript.utterances.size, 1);
});

test("the page's own count of what was heard is better than the claim", () => {
  const truncated = {
    type: "conversation.item.truncated",
    item_id: "a",
    audio_end_ms: 10,
  };
  const first = new Transcript();
  assert.equal(first.take(truncated, 0).heardMs, 10);
  assert.equal(first.cut("a", 12).heardMs, 12);
  assert.equal(first.take(truncated, 0).heardMs, 12);
});

// -- events -------------------------------------------------------------------------

test("a filter has every word, and none after a minus", () => {
  const log = new EventLog();
  const entry = log.add(0, "response.done", { response: { status: "Cancelled" } });
  const delta = log.add(0, "response.output_audio_transcript.delta", { delta: "Hi" });
  const passes = (words, which = entry, all = false) => lets({ words, all }, which);
  assert.ok(passes(""));
  assert.ok(passes("done cancelled"));
  assert.ok(!passes("done failed"));
  assert.ok(passes("-failed -"));
  assert.ok(!passes("response -CANCELLED"));
  assert.ok(!passes("", delta));
  assert.ok(passes("hi", delta, true));
});

test("what is copied is what is shown, a JSON object a line", () => {
  const log = new EventLog();
  log.add(12.4, "a", { x: 1 });
  log.add(13.6, "b", { x: 2 });
  log.add(14, "c.delta", {});
  assert.equal(
    log.asText({ words: "", all: false }),
    '{"at_ms":12,"type":"a","data":{"x":1}}\n{"at_ms":14,"type":"b","data":{"x":2}}',
  );
  assert.equal(log.asText({ words: "-a", all: false }).split("\n").length, 1);
});

test("the oldest events go first", () => {
  const log = new EventLog();
  for (let index = 0; index < 5010; index += 1) log.add(index, "x", {});
  assert.equal(log.entries.length, 5000);
  assert.equal(log.entries[0].atMs, 10);
});

test("events are told at a glance", () => {
  const brief = (data, type = "x") => briefly({ data, type });
  const cancelled = {
    status: "cancelled",
    status_details: { reason: "turn_detected" },
  };
  assert.equal(brief({ response: cancelled }), "cancelled turn_detected");
  assert.equal(brief({ response: { status: "completed" } }), "completed");
  assert.equal(brief({ error: { message: "No." } }), "No.");
  assert.equal(brief({ audio_end_ms: 0 }), "audio_end_ms 0");
  assert.equal(brief({ transcript: "Hello" }), "Hello");
  assert.equal(brief({ item: {} }), "");
  assert.equal(brief({ dropped_ms: 20 }, "page.cleared"), "20 ms not played");
  assert.ok(isBad({ type: "error", data: {} }));
  assert.ok(isBad({ type: "response.done", data: { response: { status: "failed" } } }));
  assert.ok(
    !isBad({ type: "response.done", data: { response: { status: "completed" } } }),
  );
});
