import type { AccountId, TenantId } from "../../core/ids.ts";
import type { Records } from "../../core/records.ts";
import type { Json } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";
import type { RecordsDoor } from "./records-door.ts";

type SettingsRecords = Pick<
  Records,
  | "putSecret"
  | "secret"
  | "secrets"
  | "removeSecret"
  | "replaceSecrets"
  | "settings"
  | "putSetting"
  | "setPaused"
  | "pausedAccounts"
  | "version"
>;

/** What decides how the gateway runs: sealed secrets, settings of the app and the command line, pauses. */
export function settingsRecords(
  prepare: Prepare,
  { read, write, touch }: RecordsDoor & { readonly touch: (tenant: TenantId) => void },
): SettingsRecords {
  const put = prepare(`
    INSERT INTO secrets (tenant, name, sealed, updated_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`);
  const secret = prepare<{ sealed: Uint8Array }>("SELECT sealed FROM secrets WHERE tenant = ? AND name = ?");
  const secrets = prepare<{ name: string; updatedAt: number }>(
    `SELECT name, updated_at AS "updatedAt" FROM secrets WHERE tenant = ? ORDER BY name`,
  );
  const removeSecret = prepare("DELETE FROM secrets WHERE tenant = ? AND name = ?");
  const removeAll = prepare("DELETE FROM secrets WHERE tenant = ?");
  const settings = prepare<{ path: string; value: string }>("SELECT path, value FROM settings WHERE tenant = ? ORDER BY path");
  const putSetting = prepare(`
    INSERT INTO settings (tenant, path, value, by, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (tenant, path) DO UPDATE SET value = excluded.value, by = excluded.by, at = excluded.at`);
  const removeSetting = prepare("DELETE FROM settings WHERE tenant = ? AND path = ?");
  const pause = prepare("INSERT INTO pauses (tenant, account, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const resume = prepare("DELETE FROM pauses WHERE tenant = ? AND account = ?");
  const paused = prepare<{ account: AccountId }>("SELECT account FROM pauses WHERE tenant = ? ORDER BY account");
  const version = prepare<{ version: number }>("SELECT version FROM tenants WHERE tenant = ?");

  /** A change that others have to hear of. */
  function change<Value>(tenant: TenantId, job: () => Value): Promise<Value> {
    return write(() => {
      const value = job();
      touch(tenant);
      return value;
    });
  }

  return {
    putSecret: (tenant, name, sealed, at) => change(tenant, () => void put.run(tenant, name, sealed, at)),
    secret: (tenant, name) => read(() => secret.get(tenant, name)?.sealed),
    secrets: (tenant) => read(() => secrets.all(tenant)),
    removeSecret: (tenant, name) => change(tenant, () => removeSecret.run(tenant, name).changes === 1),
    replaceSecrets: (tenant, sealed, at) =>
      change(tenant, () => {
        removeAll.run(tenant);
        for (const [name, bytes] of sealed) put.run(tenant, name, bytes, at);
      }),
    settings: (tenant) => read(() => new Map(settings.all(tenant).map(({ path, value }) => [path, JSON.parse(value) as Json]))),
    putSetting: (tenant, path, value, by, at) =>
      change(tenant, () => {
        if (value === undefined) removeSetting.run(tenant, path);
        else putSetting.run(tenant, path, JSON.stringify(value), by, at);
      }),
    setPaused: (tenant, account, on, by, at) =>
      change(tenant, () => void (on ? pause.run(tenant, account, by, at) : resume.run(tenant, account))),
    pausedAccounts: (tenant) => read(() => paused.all(tenant).map(({ account }) => account)),
    version: (tenant) => read(() => version.get(tenant)?.version ?? 0),
  };
}
