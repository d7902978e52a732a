import { faultOf, ok, type Result } from "../../core/errors.ts";
import { type CallFailure, fieldsOf } from "../../core/platform-call.ts";
import { call, path } from "./api.ts";
import { type Machine, machineOf } from "./machine.ts";
import { sendOutgoing, sendRequest } from "./outgoing.ts";
import type { MatrixAccount, Settings } from "./settings.ts";

/** Whether rooms are encrypted, as the homeserver said last, of the accounts of this process. */
const known = new WeakMap<Settings, Map<string, boolean>>();

function roomsOf({ settings }: MatrixAccount): Map<string, boolean> {
  const rooms = known.get(settings) ?? new Map<string, boolean>();
  known.set(settings, rooms);
  return rooms;
}

/** That a room isn't encrypted was true while changes were heard of. */
export function forgetUnencrypted(account: MatrixAccount): void {
  const rooms = roomsOf(account);
  for (const [room, encrypted] of rooms) if (!encrypted) rooms.delete(room);
}

/** A room is encrypted, and stays so. With keys that is remembered for good: nobody can take it back, not even the homeserver. */
export async function noteEncrypted(account: MatrixAccount, room: string, machine: Machine | undefined): Promise<void> {
  const rooms = roomsOf(account);
  if (rooms.get(room) === true) return;
  rooms.set(room, true);
  await machine?.run(async (olm) => {
    const { RoomId, RoomSettings } = machine.library;
    await olm.setRoomSettings(new RoomId(room), new RoomSettings());
  });
}

/** https://spec.matrix.org/v1.16/client-server-api/#mroomencryption */
export async function isEncrypted(account: MatrixAccount, room: string, signal: AbortSignal): Promise<Result<boolean, CallFailure>> {
  const rooms = roomsOf(account);
  const before = rooms.get(room);
  if (before !== undefined) return ok(before);
  const opened = account.settings.encryption ? await machineOf(account) : ok(undefined);
  if (!opened.ok) return { ok: false, fault: { fault: opened.fault, sure: true } };
  const machine = opened.value;
  if (machine && (await machine.run((olm) => olm.getRoomSettings(new machine.library.RoomId(room))))) {
    rooms.set(room, true);
    return ok(true);
  }
  const answer = await call(account, "GET", `client/v3/${path("rooms", room, "state", "m.room.encryption", "")}`, undefined, { signal });
  if (!answer.ok && answer.fault.word !== "M_NOT_FOUND") return { ok: false, fault: { ...answer.fault, sure: true } };
  // What was heard meanwhile counts.
  if (!answer.ok && rooms.get(room) !== true) rooms.set(room, false);
  else await noteEncrypted(account, room, machine);
  return ok(rooms.get(room) === true);
}

/**
 * The content of an `m.room.encrypted` that holds the message, once everybody in the room has its key: all of their devices, verified or not.
 * The key is used up on disk before this resolves.
 */
export async function encrypt(
  account: MatrixAccount,
  room: string,
  type: string,
  content: object,
  signal: AbortSignal,
): Promise<Result<object, CallFailure>> {
  const opened = await machineOf(account);
  if (!opened.ok) return { ok: false, fault: { fault: opened.fault, sure: true } };
  const machine = opened.value;
  const { library } = machine;
  const people = await membersOf(account, machine, room, signal);
  if (!people.ok) return { ok: false, fault: { ...people.fault, sure: true } };
  const users = () => people.value.map((one) => new library.UserId(one));
  const work = machine.run(async (olm, flush): Promise<Result<object, CallFailure>> => {
    await olm.updateTrackedUsers(users());
    const failed = await sendOutgoing(account, library, olm, flush, signal);
    if (failed && signal.aborted) return { ok: false, fault: { ...failed, sure: true } };
    const claim = await olm.getMissingSessions(users());
    const claimed = claim ? await sendRequest(account, library, olm, claim, flush, signal) : ok(undefined);
    if (!claimed.ok) return { ok: false, fault: { ...claimed.fault, sure: true } };
    const settings = new library.EncryptionSettings();
    for (const request of await olm.shareRoomKey(new library.RoomId(room), users(), settings)) {
      const sent = await sendRequest(account, library, olm, request, flush, signal);
      if (!sent.ok) return { ok: false, fault: { ...sent.fault, sure: true } };
    }
    return ok(JSON.parse(await olm.encryptRoomEvent(new library.RoomId(room), type, JSON.stringify(content))) as object);
  });
  // Its keys couldn't be kept: then nothing that they made may leave.
  return work.catch((thrown: unknown) => ({ ok: false, fault: { fault: faultOf(thrown), sure: true } }));
}

/** Who is there, and who is invited: they read what is said from now on. */
async function membersOf(
  account: MatrixAccount,
  machine: Machine,
  room: string,
  signal: AbortSignal,
): Promise<Result<readonly string[], CallFailure>> {
  const before = machine.members.get(room);
  if (before) return ok(before);
  const options = { signal, maxBytes: 64 * 1024 * 1024 };
  const answer = await call(account, "GET", `client/v3/${path("rooms", room, "members")}?not_membership=leave`, undefined, options);
  if (!answer.ok) return answer;
  const events = Array.isArray(answer.value.chunk) ? answer.value.chunk : [];
  const people = events.flatMap((event: unknown) => {
    const { state_key: user, content } = fieldsOf(event);
    const { membership } = fieldsOf(content);
    return typeof user === "string" && /^@[^\s:]*:\S+$/.test(user) && (membership === "join" || membership === "invite") ? [user] : [];
  });
  machine.members.set(room, people);
  return ok(people);
}
