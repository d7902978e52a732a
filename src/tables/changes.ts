import type { Conversation } from "../core/conversation.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { Assignment, ControlChange, Takeover } from "../core/handover.ts";
import type { AccountId, ConversationId, OperatorId, TenantId } from "../core/ids.ts";
import { say } from "../core/say.ts";
import type { Control, Instant, Json } from "../core/terms.ts";
import type { Audit } from "./audit.ts";
import { type Conversations, conversationOf } from "./conversations.ts";
import type { Handovers } from "./handovers.ts";
import type { OutboxTable } from "./outbox.ts";
import type { Prepare, Work } from "./work.ts";

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
  ): Work<Conversation | undefined>;
  /** See `Records.takeOver`. */
  takeOver(tenant: TenantId, id: ConversationId, takeover: Takeover, by: string, at: Instant): Work<Result<Conversation>>;
  /** See `Records.assign`. */
  assign(tenant: TenantId, id: ConversationId, assignment: Assignment, by: string, at: Instant): Work<Result<Conversation>>;
  setPaused(tenant: TenantId, account: AccountId, paused: boolean, by: string, at: Instant): Work<void>;
  paused(tenant: TenantId): Work<readonly AccountId[]>;
  putSecret(tenant: TenantId, name: string, sealed: Uint8Array, at: Instant): Work<void>;
  addSecret(tenant: TenantId, name: string, sealed: Uint8Array, at: Instant): Work<boolean>;
  secret(tenant: TenantId, name: string): Work<Uint8Array | undefined>;
  secrets(tenant: TenantId): Work<readonly { readonly name: string; readonly updatedAt: Instant }[]>;
  removeSecret(tenant: TenantId, name: string): Work<boolean>;
  replaceSecrets(tenant: TenantId, sealed: ReadonlyMap<string, Uint8Array>, at: Instant): Work<void>;
  settings(tenant: TenantId): Work<ReadonlyMap<string, Json>>;
  putSetting(tenant: TenantId, path: string, value: Json | undefined, by: string, at: Instant): Work<void>;
  version(tenant: TenantId): Work<number>;
  /** Something that a running gateway takes up was changed. */
  bump(tenant: TenantId): Work<void>;
}

interface Told {
  readonly handovers: Handovers;
  readonly enqueue: OutboxTable["enqueue"];
}

export function changeTables(prepare: Prepare, conversations: Conversations, { handovers, enqueue }: Told, audit: Audit): Changes {
  const bump = prepare(
    "INSERT INTO tenants (tenant, version) VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET version = tenants.version + 1",
  );
  const version = prepare<{ version: number }>("SELECT version FROM tenants WHERE tenant = ?");
  const setControl = prepare(`
    UPDATE conversations SET control = ?, control_version = control_version + 1 WHERE tenant = ? AND id = ? AND control_version = ?`);
  const pause = prepare("INSERT INTO pauses (tenant, account, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const resume = prepare("DELETE FROM pauses WHERE tenant = ? AND account = ?");
  const paused = prepare<{ account: AccountId }>("SELECT account FROM pauses WHERE tenant = ? ORDER BY account");
  const putSecret = prepare(`
    INSERT INTO secrets (tenant, name, sealed, updated_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`);
  const addSecret = prepare("INSERT INTO secrets (tenant, name, sealed, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
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

  function* setOne(
    tenant: TenantId,
    id: ConversationId,
    control: Control,
    expected: number,
    by: string,
    at: Instant,
    change: ControlChange = {},
  ): Work<Conversation | undefined> {
    const before = yield* conversations.get(id);
    if (before?.tenant !== tenant || before.control_version !== expected) return undefined;
    if (change.onlyDue && !(yield* handovers.isDue({ tenant, id }, at))) return undefined;
    // What changes nothing must not void the answer that is being written.
    if (before.control === control) return conversationOf(before);
    yield* setControl.do(control, tenant, id, expected);
    if (control === "human") yield* handovers.open({ tenant, id }, by, at, change);
    else if ((yield* handovers.close({ tenant, id }, by, at, change)) && change.question) yield* enqueue(change.question.message);
    yield* bump.do(tenant);
    const { reason, assignee } = change;
    const detail = { control, ...(reason && { reason }), ...(assignee && { assignee }) };
    yield* audit.add({ tenant, at, actor: by, action: "control-set", subject: id, detail });
    return yield* now(tenant, id);
  }

  function* now(tenant: TenantId, id: ConversationId): Work<Conversation | undefined> {
    const row = yield* conversations.get(id);
    return row?.tenant === tenant ? conversationOf(row) : undefined;
  }

  function* assign(tenant: TenantId, id: ConversationId, to: OperatorId | undefined, by: string, at: Instant): Work<Result<Conversation>> {
    yield* handovers.assign({ tenant, id }, to, at);
    yield* bump.do(tenant);
    yield* audit.add({
      tenant,
      at,
      actor: by,
      action: to ? "conversation-assign" : "conversation-unassign",
      subject: id,
      ...(to && { detail: { to } }),
    });
    return ok((yield* now(tenant, id)) as Conversation);
  }

  return {
    setControl: setOne,
    *takeOver(tenant, id, { operator, from, reason, returnAfterMs }, by, at) {
      const before = yield* now(tenant, id);
      if (!before) return fail("not-found", say`There is no conversation ${id}.`);
      if (before.control !== "human") {
        const set = yield* setOne(tenant, id, "human", before.controlVersion, by, at, { assignee: operator, reason, returnAfterMs });
        return ok(set as Conversation);
      }
      const assignee = before.handover?.assignee;
      if (assignee === operator) return ok(before);
      if (assignee !== undefined && assignee !== from) return fail("conversation-taken", say`${assignee} has it.`);
      return yield* assign(tenant, id, operator, by, at);
    },
    *assign(tenant, id, { to, from }, by, at) {
      const before = yield* now(tenant, id);
      if (!before) return fail("not-found", say`There is no conversation ${id}.`);
      if (before.handover === undefined) return fail("version-conflict", "People don't speak in this conversation.");
      if (before.handover.assignee !== from) return fail("version-conflict", "Somebody else has it now.");
      return from === to ? ok(before) : yield* assign(tenant, id, to, by, at);
    },
    *setPaused(tenant, account, wanted, by, at) {
      const { changes } = wanted ? yield* pause.run(tenant, account, by, at) : yield* resume.run(tenant, account);
      if (changes === 0) return;
      yield* bump.do(tenant);
      yield* audit.add({ tenant, at, actor: by, action: wanted ? "account-pause" : "account-resume", subject: account });
    },
    *paused(tenant) {
      return (yield* paused.all(tenant)).map(({ account }) => account);
    },
    *putSecret(tenant, name, sealed, at) {
      yield* putSecret.do(tenant, name, sealed, at);
      yield* bump.do(tenant);
    },
    *addSecret(tenant, name, sealed, at) {
      if ((yield* addSecret.run(tenant, name, sealed, at)).changes === 0) return false;
      yield* bump.do(tenant);
      return true;
    },
    *secret(tenant, name) {
      return (yield* secret.get(tenant, name))?.sealed;
    },
    *secrets(tenant) {
      return (yield* secrets.all(tenant)).map(({ name, updatedAt }) => ({ name, updatedAt }));
    },
    *removeSecret(tenant, name) {
      if ((yield* removeSecret.run(tenant, name)).changes === 0) return false;
      yield* bump.do(tenant);
      return true;
    },
    *replaceSecrets(tenant, sealed, at) {
      yield* removeSecrets.do(tenant);
      for (const [name, bytes] of sealed) yield* putSecret.do(tenant, name, bytes, at);
      yield* bump.do(tenant);
    },
    *settings(tenant) {
      return new Map((yield* settings.all(tenant)).map(({ path, value }) => [path, JSON.parse(value) as Json]));
    },
    *putSetting(tenant, path, value, by, at) {
      if (value === undefined) {
        if ((yield* removeSetting.run(tenant, path)).changes === 0) return;
      } else yield* putSetting.do(tenant, path, JSON.stringify(value), by, at);
      yield* bump.do(tenant);
      // The path only: a value may be a secret that somebody insisted on.
      yield* audit.add({ tenant, at, actor: by, action: value === undefined ? "setting-remove" : "setting-set", subject: path });
    },
    *version(tenant) {
      return (yield* version.get(tenant))?.version ?? 0;
    },
    *bump(tenant) {
      yield* bump.do(tenant);
    },
  };
}
