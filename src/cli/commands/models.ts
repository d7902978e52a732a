import type { Command } from "commander";
import { didYouMean } from "../../config/nearest.ts";
import { windowOf } from "../../core/budget.ts";
import { callsLookedAt, modelsNamed, outagesOf } from "../../core/outage.ts";
import type { ContextSource } from "../../core/provider.ts";
import { bringPackages, named } from "../bring.ts";
import { absentModels } from "../checks/platforms.ts";
import type { CommandDoor } from "../door.ts";
import { looking, type Opened, tenant } from "../open.ts";
import { done, findingJson, moment, type Outcome, refuse, refused, showFinding, table } from "../outcome.ts";
import { probeProvider } from "../probe.ts";
import type { Run } from "../run.ts";

export function modelsCommand(program: Command, run: Run): void {
  const models = program.command("models").description("the model APIs: what is configured, what they offer, what they need");
  models
    .command("list")
    .description("configured providers, the models that agents use of them, and the kinds that there are")
    .action(() => run((door) => looking(door, (opened) => list(door, opened))));
  models
    .command("test")
    .description("ask a configured provider, with its key, which models it has; calls none and costs nothing")
    .argument("<name>", "the provider's name, or provider/model to look for one model")
    .action((name: string) => run((door) => looking(door, (opened) => test(door, opened, name))));
  models
    .command("status")
    .description("the models that are configured: since when they fail and why, and how their calls went today")
    .action(() => run((door) => looking(door, (opened) => status(door, opened))));
  models
    .command("add")
    .description("install the package that a kind of provider needs, at its tested version, into the data folder")
    .argument("<kind>", "the kind; `polylogue models list` shows them")
    .option("--yes", "don't ask whether to install it")
    .action((kind: string, options: { yes?: boolean }) => run((door) => add(door, kind, options.yes === true)));
}

interface KindState {
  readonly kind: string;
  readonly name: string;
  readonly package: string | null;
  readonly installed: string | null;
}

async function kindsOf(door: CommandDoor): Promise<KindState[]> {
  return Promise.all(
    door.kinds.providers.map(async (kind) => {
      const provider = await door.kinds.provider(kind);
      const wanted = provider?.package;
      const installed = wanted ? ((await door.packages.installed(wanted.name)) ?? null) : null;
      return { kind, name: provider?.name ?? kind, package: wanted ? `${wanted.name}@${wanted.version}` : null, installed };
    }),
  );
}

async function list(door: CommandDoor, { loaded }: Opened): Promise<Outcome> {
  const { configuration } = loaded;
  const kinds = await kindsOf(door);
  const used = [...new Set([...configuration.agents.values()].flatMap((agent) => agent.models))];
  const providers = [...configuration.providers.values()].map(({ id, kind }) => ({
    id,
    kind,
    models: used.filter((model) => model.startsWith(`${id}/`)).map((model) => model.slice(id.length + 1)),
  }));
  const findings = loaded.findings.filter(({ subject }) => subject.startsWith("providers."));
  const contexts = await door.contexts(configuration, used);
  const windows = used.map((model) => ({ model, context: contexts.get(model) }));
  const lines = [
    providers.length > 0
      ? table(providers.map(({ id, kind, models }) => [id, kind, models.join(", ") || "used by no agent"]))
      : "No provider is configured.",
    ...(windows.length > 0
      ? ["Context of one call:", table(windows.map(({ model, context }) => [`  ${model}`, contextText(context)]))]
      : []),
    "Kinds:",
    table(kinds.map((one) => [`  ${one.kind}`, one.name, one.package ? needs(one.package, one.installed) : "built in"])),
    ...findings.map(showFinding),
  ];
  return {
    exit: findings.length > 0 ? 1 : 0,
    json: {
      providers,
      contexts: windows.map(({ model, context }) => ({ model, ...context })),
      kinds: kinds.map((kind) => ({ ...kind })),
      findings: findings.map(findingJson),
    },
    text: lines.join("\n"),
  };
}

function contextText(context: { readonly tokens: number; readonly from: ContextSource } | undefined): string {
  return context ? `${context.tokens} tokens, by the ${context.from}` : "unknown: nothing is left out before the model refuses it";
}

function needs(wanted: string, installed: string | null): string {
  if (installed === null) return `needs ${wanted}, which isn't installed`;
  return wanted.endsWith(`@${installed}`) ? `${wanted}, installed` : `${wanted} was tested, ${installed} is installed`;
}

async function status({ clock }: CommandDoor, { loaded, store, fault }: Opened): Promise<Outcome> {
  if (fault) return refuse(fault.code, fault.message);
  const day = windowOf("day", clock.now());
  const rows = (await store?.records.usage(tenant, { from: day, to: day, by: ["provider", "model"], limit: 1_000 })) ?? [];
  const outages = outagesOf((await store?.records.endedCalls(tenant, callsLookedAt)) ?? []);
  const models = [...modelsNamed(loaded.configuration)].map(([model, agents]) => {
    const { calls = 0, failed = 0 } = rows.find(({ of }) => `${of.provider}/${of.model}` === model) ?? {};
    const { since, fault } = outages.get(model) ?? {};
    return { model, agents: [...agents], calls, failed, ...(since !== undefined && fault && { since, fault }) };
  });
  const failing = models.filter(({ since }) => since !== undefined);
  const state = ({ calls, since }: (typeof models)[number]) =>
    since !== undefined ? `fails since ${moment(since)}` : calls === 0 ? "not asked today" : "answers";
  const lines = models.map((one) => [one.model, state(one), String(one.calls), String(one.failed), one.agents.join(", ")]);
  return {
    exit: failing.length > 0 ? 1 : 0,
    json: models.map(({ fault, ...one }) => ({ ...one, ...(fault && { fault: { code: fault.code, message: fault.message } }) })),
    text: [
      table([["model", "state", "calls today", "failed", "agents"], ...lines]),
      ...failing.map(({ model, fault }) => `✗ ${model}: ${fault?.code}: ${fault?.message}`),
    ].join("\n"),
  };
}

async function test(door: CommandDoor, { loaded }: Opened, name: string): Promise<Outcome> {
  const { configuration, findings } = loaded;
  const slash = name.indexOf("/");
  const id = slash < 0 ? name : name.slice(0, slash);
  const configured = configuration.providers.get(id);
  if (!configured) {
    const own = findings.filter(({ subject }) => subject === `providers.${id}` || subject.startsWith(`providers.${id}.`));
    if (own.length > 0) return refuse("config-invalid", own.map(({ message }) => message).join(" "), own[0]?.hint);
    const meant = didYouMean(id, configuration.providers.keys());
    return refuse("not-found", `There is no provider ${id}.${meant}`, "`polylogue models list` shows what there is.");
  }
  const provider = await door.kinds.provider(configured.kind);
  if (!provider) return refuse("config-invalid", `The kind ${configured.kind} can't be loaded.`);
  if (provider.package && (await door.packages.installed(provider.package.name)) === undefined)
    return refuse(
      "package-missing",
      `${id}: the kind ${configured.kind} needs ${provider.package.name}, which isn't installed.`,
      `\`polylogue models add ${configured.kind}\` installs it.`,
    );
  const listed = await probeProvider(door, provider, id, configured.settings);
  if (!listed.ok) return refused(listed.fault);
  const model = slash < 0 ? undefined : name.slice(slash + 1);
  if (model !== undefined && !listed.value.includes(model))
    return refuse("provider-refused", `${id} doesn't list the model ${model}.${didYouMean(model, listed.value)}`);
  const absent = model === undefined ? absentModels(id, listed.value, configuration) : [];
  const lines = [
    `${id} took the key and lists ${listed.value.length} models.`,
    ...listed.value.map((one) => `  ${one}`),
    ...absent.map(showFinding),
  ];
  return {
    exit: absent.length > 0 ? 1 : 0,
    json: { provider: id, kind: configured.kind, models: [...listed.value], findings: absent.map(findingJson) },
    text: (model === undefined ? lines : [`${id} took the key and lists ${model}.`]).join("\n"),
  };
}

async function add(door: CommandDoor, kind: string, yes: boolean): Promise<Outcome> {
  const { kinds, packages } = door;
  const provider = kinds.providers.includes(kind) ? await kinds.provider(kind) : undefined;
  if (!provider)
    return refuse(
      "not-found",
      `There is no kind of provider \`${kind}\`.${didYouMean(kind, kinds.providers)}`,
      `Known: ${kinds.providers.join(", ")}.`,
    );
  const wanted = provider.package;
  if (!wanted) return done({ kind, package: null }, `${provider.name} is built in: nothing needs to be installed.`);
  if ((await packages.installed(wanted.name)) === wanted.version)
    return done({ kind, package: named(wanted) }, `${named(wanted)} is installed.`);
  const stopped = await bringPackages(door, provider.name, [wanted], yes);
  if (stopped) return stopped;
  const hears = (await door.gatewayRuns())
    ? "The running gateway takes it up with the next call."
    : "It is loaded when the first call needs it.";
  return done({ kind, package: named(wanted) }, `Installed ${named(wanted)}. ${hears}`);
}
