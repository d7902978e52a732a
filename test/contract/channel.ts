import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import type { Channel, Inbox, Outbound, WebhookRequest } from "../../src/core/channel.ts";
import type { DeliveryContent, SendOutcome } from "../../src/core/delivery.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import { errorTable } from "../../src/core/errors.ts";
import type { Chat, PlatformEvent } from "../../src/core/event.ts";
import { type DeliveryId, newId } from "../../src/core/ids.ts";
import { type AccountOptions, openAccount, type TestAccount } from "./account.ts";

/** What a channel's test knows about its platform. What a channel leaves out, its cases leave out too. */
export interface ChannelCases {
  /** Settings that the schema must refuse, by a name for the reason. */
  readonly refusedSettings?: Readonly<Record<string, unknown>>;
  /** Texts that may appear in no fault, outcome or log line: the secrets of `platform().settings`. */
  readonly secrets: readonly string[];
  /** A stand-in of the platform, over real HTTP or sockets; a fresh one for every test, closed after it. */
  platform(): Promise<Platform>;
  /** What a person there said, and what `decode` must make of it. Needs `webhook`. */
  readonly webhooks?: Readonly<Record<string, WebhookCase>>;
  /** Laid over the platform's settings for `webhooks`, where the channel takes webhooks in another mode. */
  readonly webhookSettings?: object;
  /** Ways in which a send goes wrong, by name. */
  readonly failures?: Readonly<Record<string, FailureCase>>;
}

/** The stand-in, as the suite needs it. */
export interface Platform {
  /** As an operator writes them, secrets in clear, with the stand-in's address. */
  readonly settings: unknown;
  readonly account?: AccountOptions;
  /** A conversation that takes messages. */
  readonly chat: Chat;
  /** What the readers of `chat` see from us now, oldest first, edits applied. */
  seen(): readonly string[] | Promise<readonly string[]>;
  /** A person writes into `chat`; needed when the channel has `listen`. */
  say?(text: string): void | Promise<void>;
  /** Makes the credential invalid from now on; needed when the platform checks one. */
  revoke?(): void | Promise<void>;
  close(): Promise<void>;
}

export interface WebhookCase {
  /** Signed for `platform().settings`. */
  readonly request: WebhookRequest;
  /** The events that must come out, in order, or the code of the refusal. */
  readonly expect: readonly PlatformEvent[] | ErrorCode;
}

export interface FailureCase {
  /** Arranges for the next send to fail so. */
  arrange(platform: Platform): void | Promise<void>;
  readonly expect: SendOutcome["kind"];
  readonly code?: ErrorCode;
  /** How many messages the readers see after it; 0 if absent. */
  readonly seen?: number;
}

/** Runs what every channel owes to the core. Call it once in the channel's own test. */
export function channelContract<Settings>(channel: Channel<Settings>, cases: ChannelCases): void {
  const within = async (run: (account: TestAccount<Settings>, platform: Platform) => Promise<void>, more: object = {}) => {
    const platform = await cases.platform();
    const account = openAccount(channel, { ...(platform.settings as object), ...more }, platform.account);
    try {
      await run(account, platform);
      keepsSecrets(account.lines);
    } finally {
      await account.close();
      await platform.close();
    }
  };
  const keepsSecrets = (shown: unknown) => {
    const text = inFull(shown);
    for (const secret of cases.secrets) assert.ok(!text.includes(secret), "a secret is shown");
  };

  describe(`${channel.kind}: the channel contract`, () => {
    test("says what it is", () => {
      assert.match(channel.kind, /^[a-z][a-z0-9-]*$/);
      for (const text of [channel.name, channel.summary, channel.guide]) assert.ok(text.trim().length > 0);
      assert.ok(!channel.summary.includes("\n"), "the summary is one line");
      assert.ok(channel.limits.text.max > 0);
      assert.ok(channel.limits.rate.account > 0 && channel.limits.rate.conversation > 0);
      assert.equal(channel.limits.editEvery !== undefined && channel.edit === undefined, false, "editEvery needs edit");
    });

    test("settings: at most ten described keys, and what is wrong is refused", async () => {
      const schema = z.toJSONSchema(channel.settings, { io: "input" });
      const properties = Object.entries(schema.properties ?? {});
      assert.ok(properties.length <= 10, `${properties.length} keys`);
      for (const [key, property] of properties) {
        assert.ok(typeof property === "object" && property.description, `settings.${key} has no description`);
      }
      await within(async (_, platform) => assert.ok(channel.settings.safeParse(platform.settings).success));
      assert.equal(channel.settings.safeParse({ "no-such-key": 1 }).success, false, "an unknown key is accepted");
      for (const [why, settings] of Object.entries(cases.refusedSettings ?? {})) {
        assert.equal(channel.settings.safeParse(settings).success, false, `accepted although ${why}`);
      }
    });

    test("probe says who we are, and why not", () =>
      within(async (account, platform) => {
        const found = await channel.probe(account, AbortSignal.timeout(10_000));
        assert.ok(found.ok, inFull(found));
        assert.ok(found.value.id && found.value.name);
        if (!platform.revoke) return;
        await platform.revoke();
        const refused = await channel.probe(account, AbortSignal.timeout(10_000));
        assert.equal(refused.ok, false);
        if (!refused.ok) assert.equal(refused.fault.code, "channel-auth");
        keepsSecrets(refused);
      }));

    for (const [name, { request, expect }] of Object.entries(cases.webhooks ?? {})) {
      test(`webhook: ${name}`, () =>
        within(async (account) => {
          const result = await channel.webhook?.(account, request);
          assert.ok(result, "the channel has no webhook");
          if (typeof expect === "string") {
            assert.equal(result.ok, false, inFull(result));
            if (!result.ok) assert.equal(result.fault.code, expect);
          } else {
            assert.ok(result.ok, inFull(result));
            assert.deepEqual(result.value.events, expect);
            assert.ok(result.value.response.status < 300);
            for (const event of result.value.events) assert.ok(event.key && event.chat.id && event.sender.id, "an id is empty");
          }
          keepsSecrets(result);
        }, cases.webhookSettings));
    }

    if (channel.webhook && cases.webhooks) {
      test("webhook: hostile bodies are refused or ignored, never a throw", () =>
        within(async (account) => {
          for (const [name, { request }] of Object.entries(cases.webhooks ?? {})) {
            for (const body of mutations(request.body)) {
              const result = await channel.webhook?.(account, { ...request, body });
              assert.ok(result, name);
              if (!result.ok) assert.ok(errorTable[result.fault.code].status < 500, inFull(result));
            }
          }
        }, cases.webhookSettings));
    }

    test("send: readers see it once, under its own receipt", () =>
      within(async (account, platform) => {
        const first = await channel.send(account, outbound(platform.chat, "one"), never);
        const second = await channel.send(account, outbound(platform.chat, "two"), never);
        assert.ok(first.kind === "sent" && second.kind === "sent", inFull([first, second]));
        assert.ok(first.receipt && second.receipt && first.receipt !== second.receipt);
        assert.deepEqual(await platform.seen(), ["one", "two"]);
      }));

    if (channel.idempotent) {
      test("send: the same delivery twice is seen once", () =>
        within(async (account, platform) => {
          const same = outbound(platform.chat, "once");
          assert.equal((await channel.send(account, same, never)).kind, "sent");
          assert.equal((await channel.send(account, same, never)).kind, "sent");
          assert.deepEqual(await platform.seen(), ["once"]);
        }));
    }

    for (const [name, failure] of Object.entries(cases.failures ?? {})) {
      test(`send: ${name}`, () =>
        within(async (account, platform) => {
          await failure.arrange(platform);
          const outcome = await channel.send(account, outbound(platform.chat, "hello"), never);
          assert.equal(outcome.kind, failure.expect, inFull(outcome));
          if (failure.code && outcome.kind !== "sent") assert.equal(outcome.code, failure.code);
          assert.equal((await platform.seen()).length, failure.seen ?? 0);
          keepsSecrets(outcome);
        }));
    }

    if (channel.edit) {
      test("edit: written over, and the same again changes nothing", () =>
        within(async (account, platform) => {
          const sent = await channel.send(account, outbound(platform.chat, "draft"), never);
          assert.ok(sent.kind === "sent");
          const edit = { ...outbound(platform.chat, "final"), receipt: sent.receipt };
          for (let time = 0; time < 2; time++) {
            const outcome = await channel.edit?.(account, edit, never);
            assert.equal(outcome?.kind, "sent", inFull(outcome));
            assert.deepEqual(await platform.seen(), ["final"]);
          }
        }));
    }

    if (channel.listen) {
      test("listen: what wasn't stored comes again, in order; an abort ends it", () =>
        within(async (account, platform) => {
          assert.ok(platform.say, "the cases need say()");
          for (const text of ["a", "b", "c"]) await platform.say(text);
          const end = new AbortController();
          const inbox = new TestInbox(end, 3);
          inbox.refuseNext = true;
          for (let round = 0; round < 3 && !end.signal.aborted; round++) {
            await channel.listen?.(account, inbox, end.signal);
          }
          assert.equal(inbox.refusals, 1);
          assert.deepEqual(inbox.texts(), ["a", "b", "c"]);
          assert.ok(inbox.wasAlive);
          const again = new AbortController();
          const idle = channel.listen?.(account, inbox, again.signal);
          again.abort();
          assert.equal(await idle, undefined);
        }));
    }
  });
}

const never = new AbortController().signal;

/** A message of ours with this text and no markup. */
export function outbound(chat: Chat, text: string, more: Partial<DeliveryContent> = {}): Outbound {
  return { delivery: newId("delivery", Date.now()) as DeliveryId, chat, content: { text, visible: text, ...more } };
}

/** An inbox that keeps what it gets, and aborts `end` once it holds `wanted` events. */
export class TestInbox implements Inbox {
  cursor: string | undefined;
  readonly events: PlatformEvent[] = [];
  /** Makes the next `receive` with events reject. */
  refuseNext = false;
  refusals = 0;
  wasAlive = false;
  readonly #end: AbortController;
  readonly #wanted: number;

  constructor(end: AbortController, wanted: number) {
    this.#end = end;
    this.#wanted = wanted;
  }

  async receive(events: readonly PlatformEvent[], cursor?: string): Promise<void> {
    if (this.refuseNext && events.length > 0) {
      this.refuseNext = false;
      this.refusals++;
      throw new Error("not stored");
    }
    const known = new Set(this.events.map((event) => event.key));
    this.events.push(...events.filter((event) => !known.has(event.key)));
    this.cursor = cursor ?? this.cursor;
    if (this.events.length >= this.#wanted) this.#end.abort();
  }

  alive(): void {
    this.wasAlive = true;
  }

  /** The words of the messages received so far. */
  texts(): string[] {
    return this.events.flatMap((event) =>
      event.kind === "message" ? event.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])) : [],
    );
  }
}

/** The body cut, and with each of its JSON values replaced in turn by something else. */
function* mutations(body: Uint8Array): Generator<Uint8Array> {
  const text = new TextDecoder().decode(body);
  const encode = (value: string) => new TextEncoder().encode(value);
  yield new Uint8Array(0);
  yield new Uint8Array([0xff, 0xfe, 0x00]);
  yield encode(text.slice(0, text.length >> 1));
  yield encode(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
  for (const whole of ["null", "[]", "1", '"x"', "{}", '{"__proto__":{"a":1}}']) yield encode(whole);
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    return;
  }
  const strange: unknown[] = [null, -1, 2 ** 60, "", "\u0000", true, [], [null], {}, { id: {} }];
  for (const path of paths(tree)) for (const value of strange) yield encode(JSON.stringify(replaced(tree, path, value)));
}

function paths(tree: unknown, here: readonly string[] = []): (readonly string[])[] {
  if (typeof tree !== "object" || tree === null) return [here];
  return [here, ...Object.entries(tree).flatMap(([key, value]) => paths(value, [...here, key]))];
}

function replaced(tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = structuredClone(tree) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

function inFull(shown: unknown): string {
  return (
    JSON.stringify(shown, (_, value: unknown) => (value instanceof Error ? { text: String(value.stack), cause: value.cause } : value)) ?? ""
  );
}
