import assert from "node:assert/strict";
import { test } from "node:test";
import { fillReply, matchReplies, openVariables } from "./fill-reply.ts";

test("variables are filled in, what nothing stands for stays and is named", () => {
  const values = { "customer.name": "Ada $& <b>", account: "desk", "operator.name": undefined };
  const text = "Hello {{ customer.name }}, {{account}} says {{order}} {{operator.name}} {{toString}} {{order}}";
  const filled = fillReply(text, values);
  assert.equal(filled, "Hello Ada $& <b>, desk says {{order}} {{operator.name}} {{toString}} {{order}}");
  assert.deepEqual(openVariables(filled), ["{{order}}", "{{operator.name}}", "{{toString}}"]);
  assert.deepEqual(openVariables("braces { } {x} {{}"), []);
});

test("replies are found by the letters of their name, those first that begin with them", () => {
  const replies = [{ name: "Parcel late" }, { name: "Late answer" }, { name: "Thanks" }];
  assert.deepEqual(
    matchReplies(replies, "LATE").map(({ name }) => name),
    ["Late answer", "Parcel late"],
  );
  assert.equal(matchReplies(replies, "").length, 3);
});
