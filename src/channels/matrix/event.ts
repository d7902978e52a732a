import { z } from "zod";

/** What we read of a room's event; everything else in it is left out of account. https://spec.matrix.org/v1.16/client-server-api/#room-event-format */
const roomEvent = z.object({
  type: z.string().max(255),
  event_id: z.string().min(1).max(255),
  sender: z.string().min(1).max(255),
  origin_server_ts: z.number(),
  state_key: z.string().optional(),
  redacts: z.string().optional(),
  content: z.record(z.string(), z.unknown()),
  unsigned: z
    .object({
      prev_content: z
        .object({ membership: z.string().optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

export type RoomEvent = z.infer<typeof roomEvent>;

export function readEvent(value: unknown): RoomEvent | undefined {
  const read = roomEvent.safeParse(value);
  return read.success ? read.data : undefined;
}

/** Somebody's membership became this one; a join that was one before is only a new name or picture. */
export function became({ type, state_key: of, content, unsigned }: RoomEvent, user: string, membership: string): boolean {
  return type === "m.room.member" && of === user && content.membership === membership && unsigned?.prev_content?.membership !== membership;
}

/** Events of an invitation have neither id nor time. */
export interface StrippedEvent {
  readonly type: string;
  readonly sender: string;
  readonly state_key: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const stripped = z.object({ type: z.string(), sender: z.string(), state_key: z.string(), content: z.record(z.string(), z.unknown()) });
const list = z.array(z.unknown()).catch([]);
const events = z.object({ events: list }).catch({ events: [] });
const joined = z.object({
  timeline: z
    .object({ events: list, limited: z.boolean().catch(false), prev_batch: z.string().optional().catch(undefined) })
    .catch({ events: [], limited: false, prev_batch: undefined }),
  state: events.default({ events: [] }),
  summary: z
    .object({ "m.joined_member_count": z.number().optional(), "m.invited_member_count": z.number().optional() })
    .catch({})
    .default({}),
});
const rooms = <Room extends z.ZodType>(room: Room) => z.record(z.string(), room.nullable().catch(null)).catch({}).default({});
const users = z.array(z.string().regex(/^@[^\s:]*:\S+$/)).catch([]);
const sync = z.object({
  next_batch: z.string().min(1).max(4_096),
  account_data: events.default({ events: [] }),
  to_device: events.default({ events: [] }),
  device_lists: z
    .object({ changed: users.default([]), left: users.default([]) })
    .catch({ changed: [], left: [] })
    .default({ changed: [], left: [] }),
  device_one_time_keys_count: z.record(z.string(), z.number()).catch({}).default({}),
  device_unused_fallback_key_types: z.array(z.string()).optional().catch(undefined),
  rooms: z
    .object({
      join: rooms(joined),
      invite: rooms(z.object({ invite_state: events.default({ events: [] }) })),
      leave: rooms(z.object({ timeline: events.default({ events: [] }) })),
    })
    .partial()
    .catch({})
    .default({}),
});

export type JoinedRoom = z.infer<typeof joined>;
export interface Sync extends Pick<z.infer<typeof sync>, "next_batch" | "account_data" | "rooms"> {
  /** What concerns the keys of this device. */
  readonly keys: {
    readonly to_device: readonly unknown[];
    readonly device_lists: { readonly changed: readonly string[]; readonly left: readonly string[] };
    readonly counts: Readonly<Record<string, number>>;
    readonly fallbacks: readonly string[] | undefined;
  };
}

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync */
export function readSync(value: unknown): Sync | undefined {
  const read = sync.safeParse(value);
  if (!read.success) return undefined;
  const { next_batch, account_data, rooms: of, to_device, device_lists, device_one_time_keys_count: counts } = read.data;
  const keys = {
    to_device: to_device.events.filter((one) => typeof one === "object" && one !== null),
    device_lists,
    counts,
    fallbacks: read.data.device_unused_fallback_key_types,
  };
  return { next_batch, account_data, rooms: of, keys };
}

export function readStripped(values: readonly unknown[]): StrippedEvent[] {
  return values.flatMap((value) => {
    const read = stripped.safeParse(value);
    return read.success ? [read.data] : [];
  });
}
