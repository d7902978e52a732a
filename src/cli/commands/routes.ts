import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { didYouMean } from "../../config/nearest.ts";
import type { Chosen } from "../../core/choice.ts";
import type { Configuration } from "../../core/configuration.ts";
import { dollars, showUsd } from "../../core/money.ts";
import type { Json } from "../../core/terms.ts";
import { roughTokens } from "../../core/tokens.ts";
import { plannedSteps, showHands, showSteps } from "../../ops/agents.ts";
import type { CommandDoor } from "../door.ts";
import { looking, type OpenedStore, working } from "../open.ts";
import { done, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

interface Where {
  readonly channel: string;
  readonly account: string;
  readonly chat: string;
  readonly sender: string;
  readonly chatKind: "direct" | "group";
}

export function routesCommand(program: Command, run: Run): void {
  const routes = program.command("routes").description("which agent answers what");
  routes
    .command("test")
    .description("which route takes a message, and what its router by content makes of it (that asks its model, which costs)")
    .argument("<text>", "the message")
    .option("--channel <kind>", "on this kind of channel", "webchat")
    .option("--account <name>", "on this account", "web")
    .option("--chat <id>", "in the chat with this id of the platform", "1")
    .option("--sender <id>", "from the sender with this id of the platform", "1")
    .addOption(new Option("--chat-kind <kind>", "in a direct chat or a group").choices(["direct", "group"]).default("direct"))
    .action((text: string, where: Where) => run((door) => working(door, (opened) => test(door, opened, text, where))));
  routes
    .command("evaluate")
    .description("how well a route's router by content sorts labelled messages, and what that costs and saves (asks its model)")
    .argument("<file>", 'lines of JSON: {"text": "…", "choice": "<name>"}, without choice where none is to fit')
    .option("--route <number>", "the route, as `routes list` numbers it; the first with a router by content if absent")
    .option("--answer-tokens <number>", "tokens of an answer, for the costs", "300")
    .action((file: string, options: { route?: string; answerTokens: string }) =>
      run((door) => working(door, (opened) => evaluate(door, opened, file, options))),
    );
  routes
    .command("list")
    .description("the routes in their order")
    .action(() => run((door) => looking(door, async ({ loaded }) => list(loaded.configuration))));
}

function list({ routes }: Configuration): Outcome {
  const rows = routes.map(({ agent, when, matchers, classify }, index) => {
    const conditions = [...Object.entries(when ?? {}).map(([key, value]) => `${key} ${String(value)}`), ...Object.keys(matchers ?? {})];
    return { route: index + 1, when: conditions.join(", ") || "always", agent, choices: (classify?.choices ?? []).map(({ name }) => name) };
  });
  return done(
    rows,
    table([
      ["", "when", "agent", "choices"],
      ...rows.map(({ route, when, agent, choices }) => [String(route), when, agent, choices.join(", ")]),
    ]),
  );
}

async function test(door: CommandDoor, { loaded, store }: OpenedStore, text: string, where: Where): Promise<Outcome> {
  const { configuration } = loaded;
  const router = await door.router(store, configuration);
  const found = router.decide(text, where);
  if (found.route === undefined) return refuse("not-found", `No route takes it: ${found.reason}.`, "`polylogue routes list` shows them.");
  const classifier = configuration.routes[found.route]?.classify;
  const chosen = classifier && (await router.classify(classifier, text));
  const agent = router.agentOf(found.route, chosen);
  const steps = plannedSteps(agent);
  const lines = [
    `Route ${found.route + 1} takes it: ${agent.id} answers, with ${agent.models.join(", ")}.`,
    ...(steps.length > 1 ? showSteps(agent) : []),
    ...showHands(agent),
    ...(chosen ? [`Sorted by ${chosen.by}: ${chosen.choice ?? "nothing"} (${chosen.confidence.toFixed(2)}): ${chosen.reason}`] : []),
  ];
  return done(
    {
      ...{ route: found.route + 1, agent: agent.id, models: [...agent.models], steps: steps as unknown as Json },
      ...(chosen && { classified: { ...chosen } }),
    },
    lines.join("\n"),
  );
}

interface Labelled {
  readonly text: string;
  readonly choice?: string;
}

async function evaluate(
  door: CommandDoor,
  { loaded, store }: OpenedStore,
  file: string,
  { route: asked, answerTokens }: { readonly route?: string; readonly answerTokens: string },
): Promise<Outcome> {
  const { configuration } = loaded;
  const index = asked === undefined ? configuration.routes.findIndex(({ classify }) => classify) : Number(asked) - 1;
  const classifier = configuration.routes[index]?.classify;
  if (!classifier) return refuse("not-found", "That route has no router by content.", "Add `classify` to it; see docs/routing.md.");
  const read = await readLabelled(
    file,
    classifier.choices.map(({ name }) => name),
  );
  if ("why" in read) return refuse("usage", read.why);
  const router = await door.router(store, configuration);
  const prices = await door.prices(configuration);
  const results: { readonly labelled: Labelled; readonly chosen: Chosen }[] = [];
  for (const labelled of read.examples) results.push({ labelled, chosen: await router.classify(classifier, labelled.text) });

  const right = results.filter(({ labelled, chosen }) => labelled.choice === chosen.choice).length;
  const below = results.filter(({ chosen }) => chosen.choice === undefined).length;
  const confusion = new Map<string, number>();
  for (const { labelled, chosen } of results) {
    if (labelled.choice === chosen.choice) continue;
    const key = `${labelled.choice ?? "(none)"} → ${chosen.choice ?? "(none)"}`;
    confusion.set(key, (confusion.get(key) ?? 0) + 1);
  }
  const at = door.clock.now();
  const costOf = (model: string, text: string) => {
    const slash = model.indexOf("/");
    const tokens = { input: roughTokens(text), cachedInput: 0, output: Number(answerTokens) };
    return prices.cost({ provider: model.slice(0, slash), model: model.slice(slash + 1), at }, tokens)?.amount;
  };
  const routed = sumOf(results.map(({ labelled, chosen }) => costOf(router.agentOf(index, chosen).models[0] ?? "", labelled.text)));
  const models = [
    ...new Set(
      [undefined, ...classifier.choices.map(({ name }) => name)].map(
        (choice) => router.agentOf(index, choice === undefined ? undefined : ({ choice } as Chosen)).models[0] ?? "",
      ),
    ),
  ];
  const always = models.map((model) => ({ model, amount: sumOf(results.map(({ labelled }) => costOf(model, labelled.text))) }));
  const dearest = always.filter(({ amount }) => amount !== undefined).sort((a, b) => (b.amount ?? 0) - (a.amount ?? 0))[0];
  const share = results.length === 0 ? 0 : right / results.length;
  const saved = routed !== undefined && dearest?.amount ? 1 - routed / dearest.amount : undefined;
  const json = {
    ...{ route: index + 1, examples: results.length, right, accuracy: share, belowFloor: below, confusion: Object.fromEntries(confusion) },
    ...(routed !== undefined && { usd: dollars(routed) }),
    ...(dearest?.amount !== undefined && { always: { model: dearest.model, usd: dollars(dearest.amount) } }),
    ...(saved !== undefined && { saved }),
  };
  const lines = [
    `${right} of ${results.length} right (${(share * 100).toFixed(1)} %); ${below} left to the route's own agent.`,
    ...[...confusion].sort(([, a], [, b]) => b - a).map(([pair, count]) => `  ${count} × ${pair}`),
    routed === undefined || !dearest?.amount
      ? "What the answers cost isn't known: give the models prices."
      : `Answers of ${answerTokens} tokens cost ${showUsd(routed)}, always with ${dearest.model} ${showUsd(dearest.amount)}: ${((saved ?? 0) * 100).toFixed(0)} % less. The sorting itself stands in \`polylogue cost list --by purpose\`.`,
  ];
  return done(json, lines.join("\n"));
}

function sumOf(amounts: readonly (number | undefined)[]): number | undefined {
  return amounts.reduce<number | undefined>((sum, amount) => (sum === undefined || amount === undefined ? undefined : sum + amount), 0);
}

async function readLabelled(
  file: string,
  choices: readonly string[],
): Promise<{ readonly examples: readonly Labelled[] } | { readonly why: string }> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return { why: `${file} can't be read.` };
  }
  const examples: Labelled[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let read: { readonly text?: unknown; readonly choice?: unknown };
    try {
      read = JSON.parse(line) as typeof read;
    } catch {
      return { why: `${file}:${index + 1} isn't JSON.` };
    }
    const { text: words, choice } = read;
    if (typeof words !== "string") return { why: `${file}:${index + 1} has no text.` };
    if (choice !== undefined && choice !== null && !choices.includes(String(choice))) {
      return { why: `${file}:${index + 1}: there is no choice ${JSON.stringify(choice)}.${didYouMean(String(choice), choices)}` };
    }
    examples.push({ text: words, ...(typeof choice === "string" && { choice }) });
  }
  return examples.length === 0 ? { why: `${file} has no line.` } : { examples };
}
