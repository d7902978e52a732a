import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BackupSettings } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import { type Fault, fail, faultOf, ok, type Result } from "../core/errors.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { SharedStore } from "../core/replica.ts";
import { say } from "../core/say.ts";
import type { Store } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import { type DataFolder, type Manifest, readBackup, readManifest, writeBackup } from "./backup.ts";
import { pack } from "./backup-tar.ts";

/** A backup in the folder of backups. */
export interface BackupView {
  readonly id: string;
  readonly createdAt: Instant;
  readonly version: string;
  readonly messages: number;
  readonly files: number;
  readonly bytes: number;
  /** Made by itself; the oldest of these go when there are more than `backups.keep`. */
  readonly automatic: boolean;
  /** At which gateway it lies; absent where every gateway has it. */
  readonly gateway?: string;
}

export interface BackupPlace {
  readonly folder: string;
  /** Each of several gateways has a folder of its own: what one made, the others don't have. */
  readonly apart: boolean;
}

/** The backups that the gateway makes of itself while it runs. */
export interface Backups {
  readonly place: BackupPlace;
  /** The newest first. */
  list(): Promise<readonly BackupView[]>;
  /** One at a time; `busy` while one is under way. */
  make(by: string): Promise<Result<BackupView>>;
  /** Reads all of it again and compares every file's hash. */
  check(id: string): Promise<Result<BackupView>>;
  remove(id: string, by: string): Promise<Result<undefined>>;
  /** All of it as one tar file; `polylogue restore` takes it. */
  download(id: string, by: string): Promise<Result<{ readonly name: string; readonly tar: ReadableStream<Uint8Array> }>>;
  /** Makes the one that is due, and removes automatic ones that are too many. */
  makeDue(): Promise<void>;
  findings(): readonly SaidFinding[];
}

export interface BackupParts extends DataFolder {
  readonly store: Store;
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => BackupSettings;
  /** Where they lie. */
  readonly folder: string;
  /** One of several gateways that share the store. */
  readonly among?: Among | undefined;
}

interface Among {
  /** What this one is called. */
  readonly gateway: string;
  /** Whether all of them have the same folder of backups. */
  readonly together: boolean;
  /** See `SharedStore`. */
  readonly backupAlone: SharedStore["backupAlone"];
}

const idPattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z(-auto)?$/;
const hourMs = 3_600_000;

export function createBackups(parts: BackupParts): Backups {
  const { store, tenant, clock, log, settings, folder, among } = parts;
  const apart = among?.together === false;
  let underWay = false;
  let failure: Fault | undefined;

  const pathOf = (id: string) => (idPattern.test(id) ? join(folder, id) : undefined);
  const audit = (action: string, subject: string, actor: string) =>
    store.records.audit({ tenant, at: clock.now(), actor, action, subject });

  async function list(): Promise<readonly BackupView[]> {
    const names = await readdir(folder).catch(() => []);
    const views = [];
    for (const id of names
      .filter((name) => idPattern.test(name))
      .toSorted()
      .toReversed()) {
      const read = await readManifest(join(folder, id));
      if (read.ok) views.push(shown(id, read.value.manifest));
    }
    return views;
  }

  const shown = (id: string, manifest: Manifest): BackupView => ({ ...viewOf(id, manifest), ...(apart && { gateway: among.gateway }) });

  /** `wanted` is asked once nobody else makes one. */
  async function make(by: string, automatic: boolean, wanted: () => Promise<boolean>): Promise<Result<BackupView>> {
    if (underWay) return fail("busy", "a backup is under way");
    underWay = true;
    try {
      const work = async () => ((await wanted()) ? write(by, automatic) : undefined);
      return (await (among ? among.backupAlone(work) : work())) ?? fail("busy", "a backup is under way");
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      return code ? fail("store-unavailable", `${folder} can't be written to (${code})`, thrown) : { ok: false, fault: faultOf(thrown) };
    } finally {
      underWay = false;
    }
  }

  async function write(by: string, automatic: boolean): Promise<Result<BackupView>> {
    const id = new Date(clock.now()).toISOString().replace(/[:.]/g, "-") + (automatic ? "-auto" : "");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeUnfinished(folder);
    const written = await writeBackup(parts, store, join(folder, id));
    if (!written.ok) return written;
    await audit("backup-make", id, by);
    return ok(shown(id, written.value.manifest));
  }

  /** When the next one is due, there is none that is young enough. */
  async function isDue(): Promise<boolean> {
    const last = (await list()).find((backup) => backup.automatic)?.createdAt ?? 0;
    // A last one in the future was made under a wrong clock.
    return clock.now() - last >= settings().everyHours * hourMs || last > clock.now();
  }

  async function remove(id: string, by: string): Promise<Result<undefined>> {
    const path = pathOf(id);
    if (!path || !(await stat(path).catch(() => undefined))) return unknown(among);
    await rm(path, { recursive: true, force: true });
    await audit("backup-remove", id, by);
    return ok(undefined);
  }

  return {
    place: { folder, apart },
    list,
    make: (by) => make(by, false, async () => true),
    async check(id) {
      const path = pathOf(id);
      if (!path || !(await stat(path).catch(() => undefined))) return unknown(among);
      const read = await readBackup(path);
      return read.ok ? ok(shown(id, read.value.manifest)) : read;
    },
    remove,
    async download(id, by) {
      const path = pathOf(id);
      const read = path ? await readManifest(path) : unknown(among);
      if (!read.ok) return unknown(among);
      await audit("backup-download", id, by);
      return ok({ name: `polylogue-${id}.tar`, tar: await pack(read.value.path, read.value.manifest) });
    },
    async makeDue() {
      const { everyHours, keep } = settings();
      if (everyHours === 0) {
        failure = undefined;
        return;
      }
      if (!(await isDue())) return;
      const made = await make("gateway", true, isDue);
      if (!made.ok && made.fault.code === "busy") return;
      failure = made.ok ? undefined : made.fault;
      if (!made.ok) {
        log.error("backup-fail", { code: made.fault.code, why: made.fault.message });
        return;
      }
      const automatic = (await list()).filter((backup) => backup.automatic);
      for (const old of automatic.slice(keep)) await remove(old.id, "gateway");
    },
    findings() {
      return [...(failure ? [failed(failure)] : []), ...(apart && settings().everyHours > 0 ? [liesApart(among.gateway)] : [])];
    },
  };
}

function failed(fault: Fault): SaidFinding {
  return finding(
    { code: "backup-fail", severity: "error", subject: "backups" },
    say`The last automatic backup failed: ${fault}`,
    say`Make room, or look whether the folder of backups can be written to; it is tried again each minute.`,
  );
}

function liesApart(gateway: string): SaidFinding {
  const message = say`Automatic backups lie in the folder of whichever gateway makes them (this one is ${gateway}), and go with it where nothing keeps that folder.`;
  const hint = say`Give all gateways one folder for backups, on a disk that lasts, and name it in POLYLOGUE_BACKUPS.`;
  return finding({ code: "backup-apart", severity: "warning", subject: "backups" }, message, hint);
}

/** What a gateway that died in the middle left. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(".unfinished")) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function viewOf(id: string, { createdAt, version, messages, files }: Manifest): BackupView {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { id, createdAt: Date.parse(createdAt), version, messages, files: files.length, bytes, automatic: id.endsWith("-auto") };
}

function unknown(among: Among | undefined): { ok: false; fault: Fault } {
  return fail(
    "not-found",
    among?.together === false
      ? `there is no such backup at the gateway ${among.gateway}; each has its own (see POLYLOGUE_BACKUPS)`
      : "there is no such backup",
  );
}
