import type { Chat, EditEvent, MessageEvent, PlatformEvent, PressEvent, Sender } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { type Part, textPart } from "../../src/core/message.ts";
import type { Life } from "./life.ts";
import type { Happened, Platform } from "./platform.ts";
import type { World } from "./world.ts";

const pushMs = 10_000;

/** Who writes on the platforms, and the platforms' way of telling the gateway of it. */
export class People {
  readonly #world: World;
  #said = 0;
  /** The push under way, or the last one, of each chat: a platform keeps the order of a chat. */
  readonly #pushes = new Map<string, Promise<void>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Everything that happened has been told to the gateway, and the platforms know it. */
  get heard(): boolean {
    return this.#world.platforms.every(({ happened }) => happened.every(({ acknowledged }) => acknowledged));
  }

  /** Something happens on one of the platforms. */
  act(): void {
    const { random, platforms, witness } = this.#world;
    const platform = random.pick(platforms);
    const n = ++this.#said;
    const event = this.#event(platform, n);
    const happened: Happened = { n, event, acknowledged: false };
    platform.happened.push(happened);
    witness.tell(`${platform.name}/${event.chat.id}: ${event.kind} #${n}`);
    if (platform.plan.inbound === "push") this.#push(platform, happened);
  }

  /** A platform tells again what it told already. */
  repeat(): void {
    const pushing = this.#world.platforms.filter(({ plan, happened }) => plan.inbound === "push" && happened.length > 0);
    if (pushing.length === 0) return;
    const platform = this.#world.random.pick(pushing);
    const happened = this.#world.random.pick(platform.happened);
    // A chat's first telling keeps its order; what was told once may come again at any time.
    if (happened.acknowledged) void this.#tell(platform, happened);
  }

  #push(platform: Platform, happened: Happened): void {
    const { scheduler, outside, random } = this.#world;
    const place = `${platform.name}/${happened.event.chat.id}`;
    const before = this.#pushes.get(place) ?? Promise.resolve();
    const pushing = before.then(async () => {
      while (!happened.acknowledged) {
        if (await this.#tell(platform, happened)) happened.acknowledged = true;
        else await scheduler.pass(outside, `push #${happened.n} later`, random.between(100, 3_000));
      }
    });
    this.#pushes.set(place, pushing);
  }

  /** One request to the gateway. True when its 2xx came back. */
  async #tell(platform: Platform, { n, event }: Happened): Promise<boolean> {
    const { scheduler, outside, random, plan } = this.#world;
    await scheduler.pass(outside, `push #${n}`);
    const { life } = this.#world;
    if (life?.state !== "up" && life?.state !== "stopping") return false;
    const lost = random.chance(this.#world.chance(plan.weather));
    return new Promise((resolve) => {
      const cancel = scheduler.add(outside, `no answer to push #${n}`, () => resolve(false), pushMs);
      const request = { method: "POST", url: `/hooks/${platform.name}`, headers: {}, body: Buffer.from(JSON.stringify([event])) };
      void life.gateway.webhook(platform.name, request).then((answer) => {
        if (lost || life.over) return;
        scheduler.add(outside, `${answer.ok ? answer.value.status : answer.fault.code} for push #${n}`, () => {
          cancel();
          resolve(answer.ok);
        });
      });
    });
  }

  #event(platform: Platform, n: number): PlatformEvent {
    const { random } = this.#world;
    const number = random.between(1, this.#world.plan.chats);
    const chat: Chat = { id: `c${number}`, kind: number % 3 === 0 ? "group" : "direct" };
    const sender: Sender = { id: `u${number}${chat.kind === "group" ? random.between(1, 2) : ""}`, bot: false, self: false };
    const base = { key: `${platform.name}:${n}`, chat, sender, at: this.#world.wallOffset };
    const said = platform.happened.filter((one) => one.event.kind === "message" && one.event.chat.id === chat.id);
    const tokens = platform.shown.filter((shown) => shown.chat === chat.id).flatMap((shown) => shown.tokens);
    const kind = random.weighted({
      message: 30,
      edit: 2,
      reaction: 1,
      press: tokens.length > 0 ? 10 : 0.5,
      membership: 0.5,
      bot: 0.5,
      self: 0.5,
    });
    const platformId = `${n}`;
    switch (kind) {
      case "edit": {
        const old = said.length > 0 ? (random.pick(said).event as MessageEvent).platformId : "0";
        return { ...base, kind, platformId: old, parts: [textPart(`#${old} edited`)] } satisfies EditEvent;
      }
      case "reaction":
        return { ...base, kind, platformId: "1", reactions: ["👍"] };
      case "press":
        return { ...base, kind, token: tokens.length > 0 ? random.pick(tokens) : "old" } satisfies PressEvent;
      case "membership":
        return { ...base, kind, change: "joined" };
      case "bot":
        return { ...base, kind: "message", sender: { ...sender, bot: true }, platformId, parts: [textPart(`#${n}`)], addressed: true };
      case "self":
        return { ...base, kind: "message", sender: { ...sender, self: true }, platformId, parts: [textPart(`#${n}`)], addressed: true };
      default: {
        const parts: Part[] = [textPart(`#${n} and some words`)];
        if (random.chance(0.1)) parts.unshift({ type: "image", source: { at: "platform", ref: `picture-${n}` } });
        return { ...base, kind: "message", platformId, parts, addressed: chat.kind === "direct" || random.chance(0.7) };
      }
    }
  }
}

/** A message that an operator sent, and that the gateway said it would deliver. */
export interface OperatorSaid {
  readonly text: string;
  readonly message: string;
}

/** Who runs the gateway: what the web app's API does for them, on the gateway that runs at this moment. */
export class Operators {
  readonly said: OperatorSaid[] = [];
  readonly #world: World;
  #words = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Does one thing; nothing while no gateway is up. What the store refuses is not done. */
  act(what: "takeover" | "handback" | "send" | "settle" | "pause" | "resume"): void {
    const { life } = this.#world;
    if (life?.state !== "up") return;
    this.#world.witness.tell(`an operator: ${what}`);
    void this.#do(life, what).catch(() => {});
  }

  async #do(life: Life, what: Parameters<Operators["act"]>[0]): Promise<void> {
    const { random } = this.#world;
    switch (what) {
      case "takeover":
        return this.#control(life, random.pick(["human", "human", "paused"]));
      case "handback":
        return this.#control(life, "agent");
      case "send":
        return this.#send(life);
      case "settle":
        return this.#settle(life);
      default:
        return this.#pause(life, random.pick(this.#world.platforms).name as AccountId, what === "pause");
    }
  }

  async #control(life: Life, control: "agent" | "human" | "paused"): Promise<void> {
    const id = this.#conversation();
    const found = id && (await life.store.records.conversation(defaultTenant, id));
    if (!found) return;
    const changed = await life.store.records.setControl(defaultTenant, id, control, found.controlVersion, "op", this.#now());
    if (!changed) return;
    life.live.publish(defaultTenant, { type: "control", conversation: id, control, version: changed.controlVersion });
    life.gateway.wake();
  }

  async #send(life: Life): Promise<void> {
    const id = this.#conversation();
    if (!id) return;
    const text = `op:#${++this.#words}`;
    const sent = await life.gateway.send({ tenant: defaultTenant, to: { conversation: id }, parts: [textPart(text)], by: "op" });
    if (sent.ok) this.said.push({ text, message: sent.value.message });
  }

  async #settle(life: Life): Promise<void> {
    const { random } = this.#world;
    const verdict = random.pick(["retry", "drop"] as const);
    const states = verdict === "drop" ? (["unknown", "failed", "dead", "queued"] as const) : (["unknown", "failed", "dead"] as const);
    const waiting = await life.store.records.deliveries(defaultTenant, { states, limit: 20 });
    const ids = waiting.filter(() => random.chance(0.5)).map(({ id }) => id);
    if (ids.length === 0) return;
    await life.store.settle(defaultTenant, ids, verdict, "op", this.#now());
    life.gateway.wake();
  }

  async #pause(life: Life, account: AccountId, paused: boolean): Promise<void> {
    await life.store.records.setPaused(defaultTenant, account, paused, "op", this.#now());
    life.gateway.wake();
  }

  /** The world calms down: no account is left paused. */
  async resume(): Promise<void> {
    const { life, platforms } = this.#world;
    if (life?.state !== "up") return;
    for (const { name } of platforms) await this.#pause(life, name as AccountId, false);
  }

  #conversation(): ConversationId | undefined {
    const known = [...this.#world.seen.conversations.values()];
    return known.length > 0 ? this.#world.random.pick(known) : undefined;
  }

  #now(): number {
    return this.#world.wallOffset + this.#world.scheduler.now;
  }
}
