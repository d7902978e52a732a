import { actorName } from "../../access/actor.ts";
import { settingsUnder } from "../../config/tree.ts";
import { quotesMachine } from "../../config/unsaved.ts";
import type { WebhookState } from "../../core/account-status.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import { say, Text } from "../../core/say.ts";
import type { Json } from "../../core/terms.ts";
import type { Speak } from "../../languages/speak.ts";
import { clearAccount } from "../../vault/removed-account.ts";
import type { Call, Operations } from "../call.ts";
import type { Contract } from "../contract.ts";
import type { HttpDoor } from "../door.ts";
import { present, showFault } from "../views.ts";
import { refuseReference, splitSettings } from "./account-settings.ts";
import { showChannel } from "./channel-kinds.ts";
import { partOf } from "./parts.ts";

type Names =
  | "channels"
  | "accounts"
  | "account"
  | "addAccount"
  | "changeAccount"
  | "removeAccount"
  | "probeAccount"
  | "pauseAccount"
  | "resumeAccount"
  | "testAccount"
  | "templates";
type Tree = { readonly [key: string]: Json };

export function accountOperations(door: HttpDoor): Operations<Names> {
  const { gateway, config, channels, store, vault, clock } = door;

  /** As the gateway has it, or as it is configured when the gateway hasn't taken it up (yet, or because it is invalid). */
  function show(id: string, speak: Speak) {
    const status = gateway.accounts.get(id);
    const written = config.get(`accounts.${id}`);
    const tree: Tree = isTree(written) ? written : {};
    if (!status && !isTree(written)) return undefined;
    const { channel, access: _, onUnknown: __, streaming: ___, maxConcurrentRequests: ____, ...settings } = tree;
    const running = config.current().accounts.get(id as AccountId);
    const fault = status?.fault ?? (running || status ? undefined : invalid(id));
    return {
      id,
      channel: status?.channel ?? String(channel ?? ""),
      state: status?.state ?? (fault ? "refused" : "starting"),
      since: status?.since ?? clock.now(),
      settings,
      source: config.explain(`accounts.${id}.channel`)[0]?.source ?? "default",
      ...present({
        identity: status?.identity,
        fault: fault && showFault(fault, speak),
        aliveAt: status?.aliveAt,
        webhookUrl: status?.webhookUrl,
        webhook: status?.webhook && showWebhook(status.webhook, speak),
        access: running?.access,
        onUnknown: running?.onUnknown,
        streaming: running?.streaming,
      }),
    } as const;
  }

  function invalid(id: string) {
    const finding = config.current().findings.find(({ subject }) => subject === `accounts.${id}` || subject.startsWith(`accounts.${id}.`));
    const said = finding?.said.message;
    return finding && ({ code: "account-invalid", message: finding.message, ...(said instanceof Text && { said }) } as const);
  }

  function answer(id: string, speak: Speak) {
    const account = show(id, speak);
    return account ? ok(account) : fail("account-unknown", "there is no account with this id");
  }

  async function savedTree(call: { readonly actor: Call<Contract["changeAccount"]>["actor"] }, id: string): Promise<Tree | undefined> {
    const saved = (await store.records.settings(call.actor.tenant)).get(`accounts.${id}`);
    return isTree(saved) ? saved : undefined;
  }

  async function save(
    call: Call<Contract["addAccount"]> | Call<Contract["changeAccount"]>,
    id: string,
    kind: string,
    before?: Tree,
  ): Promise<Result<undefined>> {
    const { body, actor } = call;
    const channel = await channels.load(kind);
    if (!channel) return fail("request-invalid", say`channel: there is no channel ${JSON.stringify(kind.slice(0, 100))}`);
    const split = splitSettings(id, channel, body.settings, before);
    if (!split.ok) return split;
    if (quotesMachine(body.access ?? {})) return refuseReference("access");
    const common = present({ access: body.access && present(body.access), onUnknown: body.onUnknown, streaming: body.streaming });
    // What stands there and can't be set here stays.
    const kept = before?.maxConcurrentRequests === undefined ? {} : { maxConcurrentRequests: before.maxConcurrentRequests };
    const value = { channel: kind, ...split.value.open, ...common, ...kept } as Json;
    const checked = await config.check(`accounts.${id}`, value, split.value.vault);
    if (!checked.ok) return checked;
    const by = actorName(actor);
    for (const [name, text] of split.value.vault) {
      const written = await vault.write(name, text, by);
      if (!written.ok) return written;
    }
    return config.set(`accounts.${id}`, value, by);
  }

  async function pause(call: Call<Contract["pauseAccount"]>, paused: boolean) {
    const { actor, params, speak } = call;
    if (!show(params.id, speak)) return answer(params.id, speak);
    await store.records.setPaused(actor.tenant, params.id as AccountId, paused, actorName(actor), clock.now());
    gateway.wake();
    return answer(params.id, speak);
  }

  return {
    channels: async ({ query }) => {
      const loaded = await Promise.all(channels.kinds.map((kind) => channels.load(kind)));
      return ok(loaded.filter((channel) => channel !== undefined).map((channel) => showChannel(channel, query.language)));
    },
    accounts: ({ speak }) => {
      const configured = config.get("accounts");
      const ids = new Set<string>([...Object.keys(isTree(configured) ? configured : {}), ...gateway.accounts.list().map(({ id }) => id)]);
      return ok([...ids].map((id) => show(id, speak)).filter((account) => account !== undefined));
    },
    account: ({ params, speak }) => answer(params.id, speak),
    addAccount: async (call) => {
      if (show(call.body.id, call.speak)) return fail("version-conflict", say`there is an account ${JSON.stringify(call.body.id)} already`);
      await store.dropAccountState(call.actor.tenant, call.body.id as AccountId);
      const saved = await save(call, call.body.id, call.body.channel);
      return saved.ok ? answer(call.body.id, call.speak) : saved;
    },
    changeAccount: async (call) => {
      const { id } = call.params;
      const before = await savedTree(call, id);
      if (!before) return show(id, call.speak) ? elsewhere(id) : answer(id, call.speak);
      const saved = await save(call, id, String(before.channel), before);
      return saved.ok ? answer(id, call.speak) : saved;
    },
    removeAccount: async (call) => {
      const { id } = call.params;
      const by = actorName(call.actor);
      const before = await savedTree(call, id);
      if (!before) return show(id, call.speak) ? elsewhere(id) : fail("account-unknown", "there is no account with this id");
      const entry = config.get(`accounts.${id}`);
      // What was set beneath it alone would be the rest of an account without a channel.
      for (const path of settingsUnder(await store.records.settings(call.actor.tenant), `accounts.${id}`)) {
        const removed = await config.set(path, undefined, by);
        if (!removed.ok) return removed;
      }
      const { tenant } = call.actor;
      const list = () => store.records.secrets(tenant);
      await clearAccount({ tenant, store, vault: { remove: vault.remove, list } }, id, entry, config, by, clock.now());
      return ok({ ok: true });
    },
    probeAccount: async (call) => {
      const { body } = call;
      const channel = await channels.load(body.channel);
      if (!channel) return fail("request-invalid", say`channel: there is no channel ${JSON.stringify(body.channel.slice(0, 100))}`);
      const before = body.account === undefined ? undefined : await savedTree(call, body.account);
      const split = splitSettings(body.account ?? "", channel, body.settings, before);
      if (!split.ok) return split;
      const settings = { ...split.value.open, ...clearText(body.settings as Tree, split.value.vault) };
      const probed = await gateway.accounts.probe(body.channel, settings);
      return probed.ok ? ok({ identity: probed.value }) : probed;
    },
    pauseAccount: (call) => pause(call, true),
    resumeAccount: (call) => pause(call, false),
    templates: async ({ params }) => {
      const found = await gateway.accounts.templates(params.id);
      return found.ok ? ok(found.value.map((one) => ({ ...one, parameters: [...one.parameters] }))) : found;
    },
    testAccount: async ({ actor, params, body }) => {
      if (!gateway.accounts.get(params.id)) return fail("account-unknown", "no account with this id runs");
      const to = { account: params.id as AccountId, chat: body.chat, ...present({ thread: body.thread }) };
      const parts = [partOf(body)];
      const sent = await gateway.send({ tenant: actor.tenant, to, parts, by: actorName(actor) });
      return sent.ok ? ok({ message: sent.value.message, deliveries: sent.value.deliveries }) : sent;
    },
  };
}

function showWebhook({ verifiedAt, refused }: WebhookState, speak: Speak) {
  return present({ verifiedAt, refused: refused && { at: refused.at, fault: showFault(refused.fault, speak) } });
}

/** Nothing is stored by a probe, so its new secrets go along as they are. */
function clearText(settings: Tree, vault: ReadonlyMap<string, string>): Tree {
  const fresh = new Set(vault.values());
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value === "string" && fresh.has(value)));
}

function elsewhere(id: string) {
  return fail("request-invalid", say`the account ${JSON.stringify(id)} stands in the configuration file: change it there`);
}

function isTree(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
