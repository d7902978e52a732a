import type { Conversation } from "../../core/conversation.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { Assignment, ControlChange, Takeover } from "../../core/handover.ts";
import type { AccountId, ConversationId, OperatorId, TenantId } from "../../core/ids.ts";
import type { Control, Instant, Json } from "../../core/terms.ts";
import type { Audit } from "./audit.ts";
import { type Conversations, conversationOf } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import type { Handovers } from "./handovers.ts";
import type { OutboxTable } from "./outbox.ts";

/** What operators change: control, pauses, settings, secrets. Each change moves the tenant's version. */
export interface Changes {
  setControl(
    tenant: TenantId,
    id: ConversationId,
    control: Control,
    version: number,
    by: string,
    at: Instant,
    change?: ControlChange,
  ): Conversation | undefined;
  /** See `Records.takeOver`. */
  takeOver(tenant: TenantId, id: ConversationId, takeover: Takeover, by: string, at: Instant): Result<Conversation>;
  /** See `Records.assign`. */
  assign(tenant: TenantId, id: ConversationId, assignment: Assignment, by: string, at: Instant): Result<Conversation>;
  setPaused(tenant: TenantId, account: AccountId, paused: boolean, by: string, at: Instant): void;
  paused(tenant: TenantId): readonly AccountId[];
  putSecret(tenant: TenantId, name: string, sealed: Uint8Array, at: Instant): void;
  secret(tenant: TenantId, name: string): Uint8Array | undefined;
  secrets(tenant: TenantId): readonly { readonly name: string; readonly updatedAt: Instant }[];
  removeSecret(tenant: TenantId, name: string): boolean;
  replaceSecrets(tenant: TenantId, sealed: ReadonlyMap<string, Uint8Array>, at: Instant): void;
  settings(tenant: TenantId): ReadonlyMap<string, Json>;
  putSetting(tenant: TenantId, path: string, value: Json | undefined, by: string, at: Instant): void;
  version(tenant: TenantId): number;
  /** Something that a running gateway takes up was changed. */
  bump(tenant: TenantId): void;
}

interface Told {
  readonly handovers: Handovers;
  readonly enqueue: OutboxTable["enqueue"];
}

export function changeTables(prepare: Prepare, conversations: Conversations, { handovers, enqueue }: Told, audit: Audit): Changes {
  const bump = prepare("INSERT INTO tenants (tenant, version) VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET version = version + 1");
  const version = prepare<{ version: number }>("SELECT version FROM tenants WHERE tenant = ?");
  const setControl = prepare(`
    UPDATE conversations SET control = ?, control_version = control_version + 1 WHERE tenant = ? AND id = ? AND control_version = ?`);
  const pause = prepare("INSERT INTO pauses (tenant, account, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const resume = prepare("DELETE FROM pauses WHERE tenant = ? AND account = ?");
  const paused = prepare<{ account: AccountId }>("SELECT account FROM pauses WHERE tenant = ? ORDER BY account");
  const putSecret = prepare(`
    INSERT INTO secrets (tenant, name, sealed, updated_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`);
  const secret = prepare<{ sealed: Uint8Array }>("SELECT sealed FROM secrets WHERE tenant = ? AND name = ?");
  const secrets = prepare<{ name: string; updatedAt: Instant }>(
    `SELECT name, updated_at AS "updatedAt" FROM secrets WHERE tenant = ? ORDER BY name`,
  );
  const removeSecret = prepare("DELETE FROM secrets WHERE tenant = ? AND name = ?");
  const removeSecrets = prepare("DELETE FROM secrets WHERE tenant = ?");
  const settings = prepare<{ path: string; value: string }>("SELECT path, value FROM settings WHERE tenant = ? ORDER BY path");
  const putSetting = prepare(`
    INSERT INTO settings (tenant, path, value, by, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (tenant, path) DO UPDATE SET value = excluded.value, by = excluded.by, at = excluded.at`);
  const removeSetting = prepare("DELETE FROM settings WHERE tenant = ? AND path = ?");

  const setOne: Changes["setControl"] = (tenant, id, control, expected, by, at, change = {}) => {
    const before = conversations.get(id);
    if (before?.tenant !== tenant || before.control_version !== expected) return undefined;
    if (change.onlyDue && !handovers.isDue({ tenant, id }, at)) return undefined;
    // What changes nothing must not void the answer that is being written.
    if (before.control === control) return conversationOf(before);
    setControl.run(control, tenant, id, expected);
    if (control === "human") handovers.open({ tenant, id }, by, at, change);
    else if (handovers.close({ tenant, id }, by, at, change) && change.question) enqueue(change.question.message);
    bump.run(tenant);
    const { reason, assignee } = change;
    const detail = { control, ...(reason && { reason }), ...(assignee && { assignee }) };
    audit.add({ tenant, at, actor: by, action: "control-set", subject: id, detail });
    return now(tenant, id);
  };

  function now(tenant: TenantId, id: ConversationId): Conversation | undefined {
    const row = conversations.get(id);
    return row?.tenant === tenant ? conversationOf(row) : undefined;
  }

  function assign(tenant: TenantId, id: ConversationId, to: OperatorId | undefined, by: string, at: Instant): Result<Conversation> {
    handovers.assign({ tenant, id }, to, at);
    bump.run(tenant);
    audit.add({
      tenant,
      at,
      actor: by,
      action: to ? "conversation-assign" : "conversation-unassign",
      subject: id,
      ...(to && { detail: { to } }),
    });
    return ok(now(tenant, id) as Conversation);
  }

  return {
    setControl: setOne,
    takeOver(tenant, id, { operator, from, reason, returnAfterMs }, by, at) {
      const before = now(tenant, id);
      if (!before) return fail("not-found", `There is no conversation ${id}.`);
      if (before.control !== "human") {
        const set = setOne(tenant, id, "human", before.controlVersion, by, at, { assignee: operator, reason, returnAfterMs });
        return ok(set as Conversation);
      }
      const assignee = before.handover?.assignee;
      if (assignee === operator) return ok(before);
      if (assignee !== undefined && assignee !== from) return fail("conversation-taken", `${assignee} has it.`);
      return assign(tenant, id, operator, by, at);
    },
    assign(tenant, id, { to, from }, by, at) {
      const before = now(tenant, id);
      if (!before) return fail("not-found", `There is no conversation ${id}.`);
      if (before.handover === undefined) return fail("version-conflict", "People don't speak in this conversation.");
      if (before.handover.assignee !== from) return fail("version-conflict", "Somebody else has it now.");
      return from === to ? ok(before) : assign(tenant, id, to, by, at);
    },
    setPaused(tenant, account, wanted, by, at) {
      const { changes } = wanted ? pause.run(tenant, account, by, at) : resume.run(tenant, account);
      if (changes === 0) return;
      bump.run(tenant);
      audit.add({ tenant, at, actor: by, action: wanted ? "account-pause" : "account-resume", subject: account });
    },
    paused: (tenant) => paused.all(tenant).map(({ account }) => account),
    putSecret(tenant, name, sealed, at) {
      putSecret.run(tenant, name, sealed, at);
      bump.run(tenant);
    },
    secret: (tenant, name) => secret.get(tenant, name)?.sealed,
    secrets: (tenant) => secrets.all(tenant).map(({ name, updatedAt }) => ({ name, updatedAt })),
    removeSecret(tenant, name) {
      if (removeSecret.run(tenant, name).changes === 0) return false;
      bump.run(tenant);
      return true;
    },
    replaceSecrets(tenant, sealed, at) {
      removeSecrets.run(tenant);
      for (const [name, bytes] of sealed) putSecret.run(tenant, name, bytes, at);
      bump.run(tenant);
    },
    settings: (tenant) => new Map(settings.all(tenant).map(({ path, value }) => [path, JSON.parse(value) as Json])),
    putSetting(tenant, path, value, by, at) {
      if (value === undefined) {
        if (removeSetting.run(tenant, path).changes === 0) return;
      } else putSetting.run(tenant, path, JSON.stringify(value), by, at);
      bump.run(tenant);
      // The path only: a value may be a secret that somebody insisted on.
      audit.add({ tenant, at, actor: by, action: value === undefined ? "setting-remove" : "setting-set", subject: path });
    },
    version: (tenant) => version.get(tenant)?.version ?? 0,
    bump: (tenant) => void bump.run(tenant),
  };
}
