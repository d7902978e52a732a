import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AccountId } from "../../core/ids.ts";
import {
  type AccountOwner,
  type Beat,
  fairShare,
  goneMs,
  leaderOf,
  type Replica,
  type ReplicaId,
  type Standing,
  silenceMs,
} from "../../core/replica.ts";
import type { TimeTable } from "../../tables/time.ts";
import type { Prepare, Work } from "../../tables/work.ts";
import type { Reading, ServerTime } from "./server-time.ts";

/** Milliseconds of the server's clock, which may be set like any other. */
const now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

export interface Newcomer {
  readonly name: string;
  readonly version: string;
}

export interface Registered {
  readonly id: ReplicaId;
  readonly cluster: string;
  readonly clock: Reading;
}

/**
 * A start of a gateway among others. One of the same name whose connection is gone was its earlier life: nobody has to wait for
 * its silence.
 */
export async function register(client: pg.Client, { name, version }: Newcomer): Promise<Registered> {
  await client.query("UPDATE owner SET cluster = $1 WHERE one = 1 AND cluster = ''", [randomUUID()]);
  await client.query("DELETE FROM replicas WHERE name = $1 AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = backend)", [
    name,
  ]);
  const asked = performance.now();
  const { rows } = await client.query<Pick<Registered, "id" | "cluster"> & Pick<Reading, "server" | "moved">>(
    `WITH mine AS (UPDATE owner SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch, cluster, moved_ms),
       row AS (INSERT INTO replicas (id, name, version, backend, leaving, seen_at)
         SELECT epoch, $1, $2, pg_backend_pid(), 0, ${now} FROM mine)
     SELECT epoch AS id, cluster, ${now} AS server, moved_ms AS moved FROM mine`,
    [name, version],
  );
  if (!rows[0]) throw new Error("The owner's row is missing");
  const { id, cluster, server, moved } = rows[0];
  return { id, cluster, clock: { server, moved, asked, answered: performance.now() } };
}

/** A gateway that has the store alone: whoever was here before is gone. */
export async function standAlone(client: pg.Client): Promise<number> {
  await client.query("DELETE FROM account_owners");
  await client.query("DELETE FROM replicas");
  const { rows } = await client.query<{ epoch: number }>("UPDATE owner SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch");
  return rows[0]?.epoch ?? 0;
}

interface ReplicaRow extends Omit<Replica, "leaving"> {
  readonly leaving: 0 | 1;
}

interface OtherRow extends ReplicaRow {
  readonly seenAt: number;
  readonly connected: 0 | 1;
}

interface OwnerRow {
  readonly account: AccountId;
  readonly replica: ReplicaId;
  readonly status: string | null;
}

export interface ReplicaTable {
  /** Whether that one hasn't been declared dead. */
  alive(id: ReplicaId): Work<boolean>;
  beat(id: ReplicaId, beat: Beat): Work<Standing>;
  leave(id: ReplicaId): Work<void>;
}

/** `clock` is the server's; `time` is what is stored of it. */
export function replicaTable(prepare: Prepare, clock: ServerTime, time: Pick<TimeTable, "clockWasSet" | "bringBack">): ReplicaTable {
  const living = prepare<{ alive: 0 | 1 }>("SELECT EXISTS (SELECT 1 FROM replicas WHERE id = ?) AS alive");
  const see = prepare<Pick<Reading, "server" | "moved">>(`
    UPDATE replicas SET seen_at = ${now}, leaving = ?, backend = pg_backend_pid() WHERE id = ?
    RETURNING seen_at AS server, (SELECT moved_ms FROM owner WHERE one = 1) AS moved`);
  const others = prepare<OtherRow>(`
    SELECT id, name, version, leaving, seen_at AS "seenAt",
      EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = replicas.backend) AS connected
    FROM replicas WHERE id <> ?`);
  const bury = prepare("DELETE FROM replicas WHERE id = ? AND seen_at = ?");
  const remove = prepare("DELETE FROM replicas WHERE id = ?");
  const orphan = prepare("DELETE FROM account_owners o WHERE NOT EXISTS (SELECT 1 FROM replicas r WHERE r.id = o.replica)");
  const release = prepare("DELETE FROM account_owners WHERE tenant = ? AND account = ? AND replica = ?");
  const tellStatus = prepare("UPDATE account_owners SET status = ? WHERE tenant = ? AND account = ? AND replica = ?");
  const replicas = prepare<ReplicaRow>("SELECT id, name, version, leaving FROM replicas ORDER BY id");
  const owners = prepare<OwnerRow>("SELECT account, replica, status FROM account_owners WHERE tenant = ?");
  const claim = prepare("INSERT INTO account_owners (tenant, account, replica) VALUES (?, ?, ?)");
  const strays = prepare<{ account: AccountId }>(`
    SELECT account FROM events WHERE tenant = ?1 AND ended_at IS NULL
    UNION SELECT account FROM deliveries WHERE tenant = ?1 AND ended_at IS NULL`);
  /** When each of the others was seen to say something new, by our own counter: that the server's clock is set makes nobody silent. */
  const heard = new Map<ReplicaId, { readonly seenAt: number; readonly since: number }>();
  let beats = 0;

  function* buryTheSilent(id: ReplicaId, judges: boolean): Work<readonly Replica[]> {
    const at = performance.now();
    const dead: Replica[] = [];
    const rows = yield* others.all(id);
    for (const { seenAt, connected, ...row } of rows) {
      const last = heard.get(row.id);
      if (last?.seenAt !== seenAt) heard.set(row.id, { seenAt, since: at });
      else if (judges && at - last.since > (connected === 1 ? silenceMs : goneMs) && (yield* bury.run(row.id, seenAt)).changes > 0) {
        dead.push(shown(row));
      }
    }
    for (const one of heard.keys()) if (!rows.some((row) => row.id === one)) heard.delete(one);
    return dead;
  }

  /** What nobody is configured for, but something waits in: its lanes have to come to an end, too. */
  function* work({ tenant }: Beat, leads: boolean): Work<readonly AccountId[]> {
    beats += 1;
    if (!leads || beats % 10 !== 1) return [];
    return (yield* strays.all(tenant)).map(({ account }) => account);
  }

  return {
    *alive(id) {
      return (yield* living.get(id))?.alive === 1;
    },

    *beat(id, beat) {
      const { tenant, leaving, wanted } = beat;
      const asked = performance.now();
      const seen = yield* see.get(leaving ? 1 : 0, id);
      const byMs = seen ? clock.look({ ...seen, asked, answered: performance.now() }) : 0;
      if (seen && byMs !== 0) yield* time.clockWasSet(seen.server, byMs);
      if (seen && clock.uneasy) yield* time.bringBack(seen.server);
      const dead = yield* buryTheSilent(id, beat.judges);
      yield* orphan.do();
      for (const account of beat.released) yield* release.do(tenant, account, id);
      for (const status of beat.statuses) yield* tellStatus.do(JSON.stringify(status), tenant, status.id, id);
      const living = yield* replicas.all();
      const owned = new Map<AccountId, AccountOwner>();
      for (const { account, replica, status } of yield* owners.all(tenant)) {
        owned.set(account, { replica, ...(status !== null && { status: JSON.parse(status) }) });
      }
      if (!leaving) {
        const mine = wanted.filter((account) => owned.get(account)?.replica === id).length;
        const free = wanted
          .filter((account) => !owned.has(account))
          .slice(0, Math.max(0, fairShare(wanted.length, living.map(shown)) - mine));
        const known = new Set(wanted);
        const alsoMine = yield* work(beat, leaderOf(living.map(shown))?.id === id);
        for (const account of [...free, ...alsoMine.filter((one) => !known.has(one) && !owned.has(one))]) {
          yield* claim.do(tenant, account, id);
          owned.set(account, { replica: id });
        }
      }
      return { replicas: living.map(shown), owners: owned, dead };
    },

    *leave(id) {
      yield* remove.do(id);
      yield* orphan.do();
    },
  };
}

function shown(row: ReplicaRow): Replica {
  return { ...row, leaving: row.leaving === 1 };
}
