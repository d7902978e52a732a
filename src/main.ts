import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CliDoor, StartOptions } from "./cli/door.ts";
import { processTerminal } from "./cli/terminal.ts";
import type { Account, Channel } from "./core/channel.ts";
import type { Configuration } from "./core/configuration.ts";
import { FaultError, fail } from "./core/errors.ts";
import { type AccountId, type AgentId, defaultTenant } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import { enginePlace } from "./engine-place.ts";
import { createHttpClient } from "./http/client.ts";
import { allKinds } from "./kinds.ts";
import { createKnowledge } from "./knowledge/sources.ts";
import { createModels } from "./models.ts";
import { enqueueMessage, renderMessage } from "./outbox/enqueue.ts";
import { touchMessage } from "./outbox/touch.ts";
import { createPackages } from "./packages.ts";
import { dataFolder, filesFolder, packagesFolder, storeFile } from "./places.ts";
import { pickedBy } from "./router/choose.ts";
import { classify, type ExampleVectors } from "./router/classify.ts";
import { decideText } from "./router/decide.ts";
import { filePlace, type StorePlace, storePlace } from "./store-place.ts";
import { openFileStore } from "./stores/files.ts";
import { systemClock as clock } from "./system-clock.ts";
import { createBreakers } from "./turn/breakers.ts";
import { createCalls } from "./turn/calls.ts";
import { createSeats } from "./turn/seats.ts";
import { systemKeychain } from "./vault/keychain.ts";

const environment = process.env;
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
const home = dataFolder(environment);

/** The command line speaks through its outcome; it writes no log. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

async function startGateway(asked: StartOptions): Promise<number> {
  const gateway = await import("./start.ts");
  const port = asked.port ?? Number(environment.POLYLOGUE_PORT || 8501);
  const host = asked.host ?? (environment.POLYLOGUE_HOST || "127.0.0.1");
  const started = await gateway.startGateway({ home, version, environment, host, port }).catch((thrown: unknown) => {
    // What it had opened by then would keep the process alive, and whoever supervises it waiting.
    setTimeout(() => process.exit(1), 100);
    throw thrown;
  });
  if (!started.ok) throw new FaultError(started.fault);
  const told = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, told.resolve);
  process.stdout.write(`ready ${started.value.address}\n`);
  await told.promise;
  // Who asks twice doesn't want to wait: what was running is taken up by the next start.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(1));
  await started.value.stop();
  // A connection that a probe made and nobody holds stays for a minute: nothing is left that waits for it.
  setTimeout(() => process.exit(), 1_000).unref();
  return 0;
}

/** Attachments of a store in a file. */
function filesBeside(file: string): string {
  return join(dirname(file), basename(filesFolder(home)));
}

function commandLine(place: StorePlace) {
  const http = createHttpClient({ userAgent: `polylogue/${version}` });
  const packages = createPackages(packagesFolder(home), environment);
  const modelsOf = async (configuration: Configuration) => {
    const kinds = allKinds();
    const models = createModels({
      ...{ loadProvider: kinds.provider, loadTool: kinds.tool, loadPackage: packages.load, http, clock, log: silent },
      acceptTools: async () => new Map(),
    });
    await models.apply(configuration);
    return models;
  };
  /** The configured accounts as the outbox wants to know them. */
  const activeOf = async (configuration: Configuration) => {
    const { channel } = allKinds();
    return new Map(
      await Promise.all(
        [...configuration.accounts.values()].map(async (account) => {
          const kind = await channel(account.channel);
          return [
            account.id,
            kind && { channel: kind, onUnknown: kind.idempotent === true ? ("repeat" as const) : account.onUnknown },
          ] as const;
        }),
      ),
    );
  };
  const door = {
    ...{ version, home, environment, clock, http, kinds: allKinds(), log: silent, packages, terminal: processTerminal(), startGateway },
    storeFile: storeFile(home),
    engine: enginePlace(environment),
    async moveStore(wish) {
      const { url } = place;
      if (url === undefined) return fail("usage", "POLYLOGUE_STORE must name the database that everything is to be moved to.");
      const { moveStore } = await import("./moving/move-store.ts");
      return moveStore({ ...wish, url, files: openFileStore(filesBeside(wish.file)) });
    },
    async takeStore(wish) {
      const { url } = place;
      if (url === undefined) return fail("usage", "POLYLOGUE_STORE must name the database that everything is to be taken from.");
      const { takeStore } = await import("./moving/take-store.ts");
      return takeStore({ ...wish, url, filesFolder: filesBeside(wish.file) });
    },
    store: place,
    filesFolder: filesFolder(home),
    keychain: () => systemKeychain(home),
    openStore: (file) => (file === undefined ? place : filePlace(file)).open("guest"),
    async contexts(configuration, models) {
      const known = await modelsOf(configuration);
      const found = await Promise.all(models.map(async (model) => [model, await known.context(model)] as const));
      await known.close();
      return new Map(found);
    },
    prices: async (configuration) => (await modelsOf(configuration)).prices,
    async serverTools({ mcp }, accepted) {
      if (mcp.size === 0) return { tools: [], findings: [] };
      const { createMcpSources } = await import("./mcp/sources.ts");
      const sources = createMcpSources({ http, log: silent, accepted });
      sources.apply(mcp);
      await sources.settled();
      const [tools, findings] = [sources.list(), sources.findings()];
      await sources.close();
      return { tools, findings };
    },
    async knowledge({ knowledge }) {
      const sources = createKnowledge({ file: ":memory:", tenant: defaultTenant, log: silent });
      await sources.apply(knowledge);
      return sources;
    },
    async router(store, configuration) {
      const { agents, budgets, routes } = configuration;
      const { provider, keys, prices } = await modelsOf(configuration);
      const breakers = createBreakers({ clock, random: Math.random, keys });
      const seats = createSeats({ limit: () => undefined, call: () => undefined });
      const calls = createCalls({ store, clock, provider, prices, budgets: () => budgets, breakers, seats, tell: () => {} });
      const vectors: ExampleVectors = new Map();
      const spender = { tenant: defaultTenant, channel: "cli", sender: "cli" };
      return {
        decide(text, where) {
          const decision = decideText(text, where, configuration, clock.now());
          return decision.kind === "ignore" ? { reason: decision.reason } : { route: decision.route };
        },
        classify: (classifier, text) => classify({ calls, clock }, classifier, text, { spender }, vectors, new AbortController().signal),
        agentOf(route, chosen) {
          const agent = agents.get(routes[route]?.agent as AgentId);
          if (!agent) throw new FaultError({ code: "not-found", message: `the route ${route + 1} leads to no agent` });
          return pickedBy(
            routes[route]?.classify?.choices.find(({ name }) => name === chosen?.choice),
            agent,
            agents,
          );
        },
      };
    },
    gatewayRuns: () => place.hasOwner(),
    async enqueue(store, configuration, message) {
      const active = await activeOf(configuration);
      return enqueueMessage({ store, clock, account: (id) => active.get(id) }, message);
    },
    async render(store, configuration, message) {
      const active = await activeOf(configuration);
      return renderMessage({ store, clock, account: (id) => active.get(id) }, message);
    },
    touch(store, configuration, request) {
      const account = async (id: AccountId): Promise<{ channel: Channel; account: Account } | undefined> => {
        const configured = configuration.accounts.get(id);
        const kind = configured && (await allKinds().channel(configured.channel));
        const readFile = () => Promise.reject(new Error("no files are read for this"));
        return (
          kind && {
            channel: kind,
            account: { ...{ tenant: defaultTenant, id, clock, log: silent, http, readFile }, settings: configured.settings },
          }
        );
      };
      return touchMessage({ store, clock, account }, request);
    },
  } satisfies CliDoor;
  return door;
}

const { runCli } = await import("./cli/program.ts");
const place = storePlace(home, environment);
if (!place.ok) {
  process.stderr.write(`polylogue: ${place.fault.message}\n`);
  process.exit(1);
}
const door = commandLine(place.value);
process.exitCode = await runCli(process.argv.slice(2), door);
await door.http.close();
