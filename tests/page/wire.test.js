import assert from "node:assert/strict";
import { test } from "node:test";

import {
  microphoneProblem,
  refused,
} from "../../voicelab/serve/bridges/browser/page/call/problems.js";
import { decode } from "../../voicelab/serve/bridges/browser/page/call/wire.js";

test("each kind of frame is read", () => {
  assert.deepEqual(decode('{"audio": "AQD//w=="}'), {
    key: "audio",
    value: Int16Array.of(1, -1),
  });
  const mark = { name: "m1", item_id: "item_1", audio_ms: 20 };
  assert.deepEqual(decode(JSON.stringify({ mark })), { key: "mark", value: mark });
  assert.deepEqual(decode('{"clear": true}'), { key: "clear", value: true });
  for (const key of ["ready", "event", "error", "bye"]) {
    assert.deepEqual(decode(`{"${key}": {}}`), { key, value: {} });
  }
});

for (const [name, data, says] of [
  ["not JSON", "{", /JSON/],
  ["a list", "[]", /nothing in it/],
  ["a number", "7", /7 where an object belongs/],
  ["nothing", "null", /null where/],
  ["an unknown key", '{"video": 1}', /a frame with video/],
  ["an inherited name", '{"constructor": {}}', /a frame with constructor/],
  ["half a sample", '{"audio": "AAAA"}', /half a sample/],
  ["not base64", '{"audio": "%"}', /./],
  ["a mark that is none", '{"mark": "m1"}', /"m1" where an object belongs/],
]) {
  test(`${name} is refused, and told`, () => {
    assert.throws(() => decode(data), says);
  });
}

test("what the microphone lacks is told with the way out", () => {
  const told = (name) => microphoneProblem(new DOMException("detail", name)).message;
  assert.match(told("NotAllowedError"), /refused: allow/);
  assert.match(told("NotFoundError"), /No microphone was found: plug/);
  assert.match(told("NotReadableError"), /another program uses it: close/);
  assert.match(told("OverconstrainedError"), /no longer there: choose/);
  assert.match(told("AbortError"), /AbortError: detail/);
});

test("a refusal for want of a token asks for one", () => {
  assert.equal(refused("The token is wrong.").wantsToken, true);
  assert.equal(refused("Too many tokens per minute.").wantsToken, false);
});
