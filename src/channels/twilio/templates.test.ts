import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openAccount } from "../../../test/contract/account.ts";
import { outbound } from "../../../test/contract/channel.ts";
import { startTwilioSimulator, type TwilioSimulator } from "../../../test/simulators/twilio.ts";
import type { Outbound } from "../../core/channel.ts";
import type { DeliveryContent } from "../../core/delivery.ts";
import twilio from "./index.ts";

const ann = { id: "whatsapp:+15552223333", kind: "direct" } as const;
const never = new AbortController().signal;
const sid = (digit: string) => `HX${digit.repeat(32)}`;

describe("twilio: templates", () => {
  let simulator: TwilioSimulator;
  const opened: { close(): Promise<void> }[] = [];
  before(async () => {
    simulator = await startTwilioSimulator();
    const approved = { status: "approved", category: "UTILITY" };
    const one = (digit: string, friendly_name: string, language: string, body: string, variables: Record<string, string>) => ({
      ...{ sid: sid(digit), friendly_name, language, variables, types: { "twilio/text": { body } } },
    });
    simulator.templates.push(
      { ...one("1", "news", "en", "An answer for you: {{1}}", { 1: "text" }), approval_requests: approved },
      { ...one("2", "news", "de", "Eine Antwort: {{1}}", { 1: "text" }), approval_requests: approved },
      { ...one("3", "order", "en", "Hello {{name}}", { name: "Ann" }), approval_requests: approved },
      { ...one("4", "waiting", "en", "Soon", {}), approval_requests: { status: "pending", category: "UTILITY" } },
      one("5", "unsubmitted", "en", "Never", {}),
    );
    simulator.closed.add(ann.id);
  });
  after(async () => {
    for (const account of opened) await account.close();
    await simulator.close();
    assert.deepEqual(simulator.violations, []);
  });

  const open = (templates: object = {}) => {
    const account = openAccount(twilio, { ...simulator.settings, templates });
    opened.push(account);
    return account;
  };
  const late = (text: string, content: Partial<DeliveryContent> = {}): Outbound => ({
    ...outbound(ann, text, { visible: text, ...content }),
    heardAt: Date.now() - 25 * 3_600_000,
  });
  const seen = () => simulator.seen(ann.id).at(-1)?.body;

  test("a template goes by its SID, or by its name and language", async () => {
    const account = open();
    const send = (template: NonNullable<DeliveryContent["template"]>) => twilio.send(account, late("", { template }), never);
    assert.equal((await send({ name: sid("1"), parameters: { 1: "yes" } })).kind, "sent");
    assert.equal(seen(), "An answer for you: yes");
    for (let time = 0; time < 2; time++) assert.equal((await send({ name: "news", language: "de", parameters: { 1: "ja" } })).kind, "sent");
    assert.equal(seen(), "Eine Antwort: ja");
    assert.equal(simulator.calls.filter((call) => call === "GET Content").length, 1);
    assert.equal((await send({ name: "order", parameters: { name: "Bob" } })).kind, "sent");
    assert.equal(seen(), "Hello Bob");
    for (const template of [
      { name: "news", parameters: { 1: "which?" } },
      { name: "nowhere", parameters: {} },
      { name: sid("3"), parameters: {} },
      { name: sid("3"), parameters: { 1: "Bob" } },
    ]) {
      const outcome = await send(template);
      assert.ok(outcome.kind === "refused" && outcome.code === "template-refused", JSON.stringify([template, outcome]));
    }
    const unapproved = await send({ name: "waiting", parameters: {} });
    assert.ok(unapproved.kind === "refused" && unapproved.code === "window-closed", JSON.stringify(unapproved));
  });

  test("after 24 hours what was written goes as the template of its purpose, or not at all", async () => {
    const account = open({ answer: { name: sid("1") } });
    assert.equal((await twilio.send(account, late("One\ntwo"), never)).kind, "sent");
    assert.equal(seen(), "An answer for you: One two");
    const calls = simulator.calls.length;
    const outcome = await twilio.send(account, late("no", { purpose: "message" }), never);
    assert.ok(outcome.kind === "refused" && outcome.code === "window-closed", JSON.stringify(outcome));
    assert.equal(simulator.calls.length, calls);
    // An SMS has no such hours.
    const sms = openAccount(twilio, { ...simulator.settings, sender: "+15550001111" });
    opened.push(sms);
    const other = await twilio.send(sms, { ...late("hello"), chat: { id: "+15552224444", kind: "direct" } }, never);
    assert.ok(other.kind === "refused" && other.code === "channel-permanent", "it was asked: the simulator's sender is another");
  });

  test("the list is what Twilio has, over all its pages", async () => {
    const listed = await twilio.templates?.(open(), never);
    assert.ok(listed?.ok, JSON.stringify(listed));
    assert.deepEqual(
      listed.value.map(({ name, id, language, status }) => [name, id, language, status]),
      [
        ["news", sid("1"), "en", "approved"],
        ["news", sid("2"), "de", "approved"],
        ["order", sid("3"), "en", "approved"],
        ["waiting", sid("4"), "en", "pending"],
        ["unsubmitted", sid("5"), "en", "unsubmitted"],
      ],
    );
    assert.deepEqual(listed.value[2]?.parameters, ["name"]);
  });
});
