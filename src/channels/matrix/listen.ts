import { randomUUID } from "node:crypto";
import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { CallFailure } from "../../core/platform-call.ts";
import { call, path } from "./api.ts";
import { decode } from "./decode.ts";
import { Decryption, type Opened, unread } from "./decrypt.ts";
import { forgetUnencrypted, noteEncrypted } from "./encrypt.ts";
import { became, type JoinedRoom, type RoomEvent, readEvent, readStripped, readSync, type Sync } from "./event.ts";
import { followUpgrade, invitationOf, join } from "./join.ts";
import { machineOf } from "./machine.ts";
import { Rooms } from "./rooms.ts";
import type { MatrixAccount } from "./settings.ts";
import type { Waiting } from "./waiting.ts";

/** Milliseconds that the homeserver holds a sync open. */
const pollMs = 30_000;
/** Events of one room in one sync; more are fetched page by page. */
const timelineLimit = 50;
/** Pages of 100 events that are fetched of a room where more was said than a sync tells. */
const maxPages = 50;

const state = { lazy_load_members: true, types: ["m.room.member", "m.room.name", "m.room.encryption"] };
const nothing = { types: [] };
const rest = { presence: nothing, account_data: { types: ["m.direct"] } };
const syncFilter = JSON.stringify({
  ...rest,
  room: { timeline: { limit: timelineLimit, lazy_load_members: true }, state, ephemeral: nothing, account_data: nothing },
});

/**
 * Of the first look, which tells no messages. Synapse answers the same first sync for two minutes with what it said before
 * (`sync_response_cache_duration`), so no two are the same.
 */
function lookFilter(): string {
  const presence = { types: [], not_types: [`look.${randomUUID()}`] };
  return JSON.stringify({ ...rest, presence, room: { timeline: { limit: 0 }, state, ephemeral: nothing, account_data: nothing } });
}

/**
 * https://spec.matrix.org/v1.16/client-server-api/#syncing: asking with a `since` says that everything up to it was taken, so it is stored with the
 * events first. Begins with a look at rooms and invitations, which a sync tells only once; the first time, only what is said
 * after that look is new.
 */
export async function listen(account: MatrixAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const self = account.identity?.id;
  if (self === undefined) return fault("channel-retry", "the account is not proven yet");
  const opened = await openDecryption(account);
  if (!opened.ok) return opened.fault;
  const decryption = opened.value;
  forgetUnencrypted(account);
  const looked = await ask(account, { timeout: "0", filter: lookFilter() }, signal);
  if (signal.aborted) return undefined;
  if (!looked.ok) return looked.fault.fault;
  const rooms = new Rooms(self);
  rooms.learn(looked.value);
  await learnEncryption(account, looked.value, decryption);
  inbox.alive();
  let since = inbox.cursor;
  if (since === undefined) {
    await decryption?.learn(looked.value.keys, signal);
    const refused = await store(inbox, [], looked.value.next_batch);
    if (refused) return refused;
    since = looked.value.next_batch;
  }
  await answerInvitations(account, looked.value, self, signal);
  while (!signal.aborted) {
    const answer = await ask(account, { since, timeout: String(pollMs), filter: syncFilter }, signal);
    if (signal.aborted) return undefined;
    if (!answer.ok) {
      const { fault: why, status, retryAfterMs } = answer.fault;
      if (status !== 429) return why;
      account.log.warn("matrix-sync-limited", { retryAfterMs });
      await sleep(account.clock, retryAfterMs ?? 1000, signal);
      continue;
    }
    inbox.alive();
    const failed = await take(account, inbox, answer.value, { rooms, self, since, decryption }, signal);
    if (failed) return signal.aborted ? undefined : failed;
    since = answer.value.next_batch;
  }
  return undefined;
}

type Asked = { ok: true; value: Sync } | { ok: false; fault: CallFailure };

async function ask(account: MatrixAccount, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Asked> {
  const parameters = new URLSearchParams({ set_presence: "offline", ...query });
  // A first look at many rooms takes a homeserver long.
  const timeoutMs = query.since === undefined ? 120_000 : pollMs + 30_000;
  const answer = await call(account, "GET", `client/v3/sync?${parameters}`, undefined, { signal, timeoutMs, maxBytes: 64 * 1024 * 1024 });
  if (!answer.ok) return answer;
  const value = readSync(answer.value);
  return value
    ? { ok: true, value }
    : { ok: false, fault: { fault: fault("channel-retry", "the homeserver's answer to sync has no next_batch"), sure: true } };
}

interface Position {
  readonly rooms: Rooms;
  readonly self: string;
  readonly since: string;
  /** Where the account reads encrypted rooms. */
  readonly decryption: Decryption | undefined;
}

async function openDecryption(account: MatrixAccount): Promise<Result<Decryption | undefined>> {
  if (!account.settings.encryption) return ok(undefined);
  const machine = await machineOf(account);
  return machine.ok ? ok(await Decryption.open(account, machine.value)) : machine;
}

/** Which rooms are encrypted from here on, and in which somebody came or went. */
async function learnEncryption(account: MatrixAccount, { rooms }: Sync, decryption: Decryption | undefined): Promise<void> {
  for (const [id, room] of Object.entries(rooms.join ?? {})) {
    for (const event of eventsOf([...(room?.state.events ?? []), ...(room?.timeline.events ?? [])])) {
      if (event.type === "m.room.encryption" && event.state_key === "") await noteEncrypted(account, id, decryption?.machine);
      if (event.type === "m.room.member") decryption?.machine.members.delete(id);
    }
    if (room?.timeline.limited) decryption?.machine.members.delete(id);
  }
}

/** Stores what one sync tells, then acts on it: marks as read, joins, follows. */
async function take(
  account: MatrixAccount,
  inbox: Inbox,
  sync: Sync,
  { rooms, self, since, decryption }: Position,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  rooms.learn(sync);
  await learnEncryption(account, sync, decryption);
  await decryption?.learn(sync.keys, signal);
  const now = account.clock.now();
  const events: PlatformEvent[] = [];
  const waiting: Waiting[] = [];
  const ripe = (await decryption?.ripe()) ?? [];
  const open = (opened: Exclude<Opened, { waits: true }>, event: RoomEvent, room: string) =>
    "clear" in opened ? decode(opened.clear, room, rooms.facts(room), self) : unread(event, room, rooms.facts(room), self, opened.why);
  events.push(...ripe.flatMap(({ opened, event, room }) => open(opened, event, room) ?? []));
  const read = new Map<string, string>();
  const upgrades: { readonly room: string; readonly event: RoomEvent }[] = [];
  for (const [roomId, room] of Object.entries(sync.rooms.join ?? {})) {
    if (!room) continue;
    const timeline = await timelineOf(account, roomId, room, { self, since }, signal);
    if (!Array.isArray(timeline)) return timeline as Fault;
    for (const event of timeline) {
      if (event.type === "m.room.tombstone") upgrades.push({ room: roomId, event });
      const opened = event.type === "m.room.encrypted" && event.sender !== self ? await decryption?.read(roomId, event) : undefined;
      if (opened && "waits" in opened) {
        waiting.push({ room: roomId, event, at: now, told: false });
        continue;
      }
      if (event.type === "m.room.encrypted" && !decryption && rooms.firstEncrypted(roomId)) cantRead(account, inbox, roomId);
      const decoded = opened ? open(opened, event, roomId) : decode(event, roomId, rooms.facts(roomId), self);
      if (decoded) events.push(decoded);
      if (decoded?.kind === "message") read.set(roomId, event.event_id);
    }
  }
  for (const [roomId, room] of Object.entries(sync.rooms.leave ?? {})) {
    for (const event of eventsOf(room?.timeline.events ?? [])) {
      const decoded = event.type === "m.room.member" ? decode(event, roomId, rooms.facts(roomId), self) : undefined;
      if (decoded) events.push(decoded);
    }
    rooms.forget(roomId);
  }
  await decryption?.waiting.add(waiting);
  const late = decryption?.waiting.late(now) ?? [];
  for (const { event, room } of late) {
    const shown = unread(event, room, rooms.facts(room), self, "its key hasn't come yet");
    if (shown) events.push(shown);
  }
  const refused = await store(inbox, events, sync.next_batch);
  if (refused) return refused;
  await decryption?.waiting.settle(ripe, late, now);
  await answerInvitations(account, sync, self, signal);
  for (const { room, event } of upgrades) await followUpgrade(account, room, rooms.facts(room), event, signal);
  if (account.settings.readReceipts) for (const [room, event] of read) await markRead(account, room, event, signal);
  return undefined;
}

function cantRead(account: MatrixAccount, inbox: Inbox, room: string): void {
  account.log.warn("matrix-encrypted-room", { room });
  inbox.trouble?.(`room ${room}`, fault("room-encrypted", "it is encrypted, and the account's encryption is off"));
}

/** The room's new events, oldest first; those that a sync left out are fetched, back to where the last one ended. */
async function timelineOf(
  account: MatrixAccount,
  roomId: string,
  { timeline }: JoinedRoom,
  { self, since }: { readonly self: string; readonly since: string },
  signal: AbortSignal,
): Promise<RoomEvent[] | Fault> {
  const events = eventsOf(timeline.events);
  const here = sinceInvited(events, self);
  if (here) return here;
  let from = timeline.limited ? timeline.prev_batch : undefined;
  let missed: RoomEvent[] = [];
  for (let page = 0; from !== undefined && page < maxPages; page++) {
    const parameters = new URLSearchParams({ dir: "b", from, to: since, limit: "100" });
    const options = { signal, maxBytes: 64 * 1024 * 1024 };
    const answer = await call(account, "GET", `client/v3/${path("rooms", roomId, "messages")}?${parameters}`, undefined, options);
    if (!answer.ok) return answer.fault.fault;
    const { chunk, end } = answer.value;
    const older = eventsOf(Array.isArray(chunk) ? chunk : []).reverse();
    const entered = sinceInvited(older, self);
    missed = [...(entered ?? older), ...missed];
    from = !entered && older.length > 0 && typeof end === "string" ? end : undefined;
    if (page === maxPages - 1 && from !== undefined) account.log.error("matrix-gap", { room: roomId, events: missed.length });
  }
  return [...missed, ...events];
}

/** Where the account entered the room in these events: they from its invitation on. What was said before isn't for it. */
function sinceInvited(events: readonly RoomEvent[], self: string): RoomEvent[] | undefined {
  const entered = events.findLastIndex((event) => became(event, self, "join"));
  if (entered < 0) return undefined;
  const invited = events.findLastIndex((event, index) => index < entered && became(event, self, "invite"));
  return events.slice(invited < 0 ? entered : invited);
}

function eventsOf(values: readonly unknown[]): RoomEvent[] {
  return values.flatMap((value) => readEvent(value) ?? []);
}

async function store(inbox: Inbox, events: readonly PlatformEvent[], cursor: string): Promise<Fault | undefined> {
  try {
    await inbox.receive(events, cursor);
    return undefined;
  } catch (thrown) {
    return faultOf(thrown, "store-unavailable");
  }
}

async function answerInvitations(account: MatrixAccount, sync: Sync, self: string, signal: AbortSignal): Promise<void> {
  const invitations = Object.entries(sync.rooms.invite ?? {}).flatMap(([room, invite]) => {
    return invitationOf(room, readStripped(invite?.invite_state.events ?? []), self) ?? [];
  });
  for (const invitation of invitations) await join(account, invitation, signal);
}

/** https://spec.matrix.org/v1.16/client-server-api/#receipts; best effort. */
async function markRead(account: MatrixAccount, room: string, event: string, signal: AbortSignal): Promise<void> {
  const marked = await call(
    account,
    "POST",
    `client/v3/${path("rooms", room, "receipt", "m.read", event)}`,
    {},
    { signal, timeoutMs: 10_000 },
  );
  if (!marked.ok) account.log.debug("matrix-not-marked", { room, why: marked.fault.fault.message });
}
