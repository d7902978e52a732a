/**
 * Whole paths a second with one gateway on a file, and with one, two and three gateways on PostgreSQL and Redis, in one run:
 * signed webhooks to gateways in turns, an in-process model, answers posted back. All on this machine, the servers and the load too,
 * so that the figures to compare are the gateways' CPU of a message and what they come to beside each other. Both stores flush every commit.
 *
 * usage: node bench/cluster.ts [messages]
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess } from "../test/gateway-process.ts";
import { startPostgres } from "../test/servers/postgres.ts";
import { startRedis } from "../test/servers/redis.ts";
import { openDesk } from "../test/support/desk.ts";

const messages = Number(process.argv[2] ?? 6_000);
const accounts = ["desk-1", "desk-2", "desk-3", "desk-4", "desk-5", "desk-6"];
const chats = 40;
const ahead = 3;
/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15, in hundredths of a second. */
const tickMs = 10;

await using database = await startPostgres({ flushes: true });
await using engine = await startRedis();
const file = await measure("a file, 1 gateway", 1, async () => ({}));
for (const count of [1, 2, 3]) {
  const store = await database.database();
  const shared = { POLYLOGUE_STORE: store, POLYLOGUE_ENGINE: engine.url, POLYLOGUE_MASTER_KEY: Buffer.alloc(32, 1).toString("base64") };
  await measure(
    `PostgreSQL, ${count} gateway${count > 1 ? "s" : ""}`,
    count,
    async (n) => ({ ...shared, POLYLOGUE_REPLICA: `r${n}` }),
    file,
  );
}

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function measure(
  what: string,
  count: number,
  envOf: (n: number) => Promise<Record<string, string>>,
  beside?: Figures,
): Promise<Figures> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-cluster-"));
  const answered = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  let [arrived, said] = [0, 0];
  await using desk = await openDesk({
    connections: 256,
    arrived({ conversation }) {
      arrived += 1;
      answered.set(conversation, (answered.get(conversation) ?? 0) + 1);
      waiting.get(conversation)?.();
    },
  });
  const configuration = {
    accounts: Object.fromEntries(accounts.map((id) => [id, desk.account])),
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"], limits: { history: 0 } } },
    routes: [{ agent: "main" }],
    limits: { loopTurns: 0 },
    log: { level: "error" },
  };
  const gateways: GatewayProcess[] = [];
  try {
    for (let n = 0; n < count; n++) gateways.push(await startGatewayProcess({ home, configuration, env: await envOf(n) }));
    // Accounts come to rest with their owners, and code is compiled.
    await wait(3_000);
    await storm(messages / 4);
    const before = await cpuMs(gateways);
    const began = performance.now();
    await storm(messages);
    const seconds = (performance.now() - began) / 1_000;
    const cpuUs = ((await cpuMs(gateways)) - before) * (1_000 / messages);
    const figures = { perSecond: messages / seconds, cpuUs };
    const ratio = beside
      ? `; beside the file ${(figures.perSecond / beside.perSecond).toFixed(2)} × as many, ${(beside.cpuUs / cpuUs).toFixed(2)} × as many for the gateways' CPU`
      : "";
    console.log(`${what}: ${Math.round(figures.perSecond)} messages/s, ${Math.round(cpuUs)} µs of the gateways' CPU each${ratio}`);
    return figures;
  } finally {
    for (const gateway of gateways) await gateway.kill();
    await rm(home, { recursive: true, force: true });
  }

  async function storm(total: number): Promise<void> {
    const each = Math.ceil(total / (accounts.length * chats));
    const until = arrived + each * accounts.length * chats;
    let posted = 0;
    await Promise.all(
      accounts.flatMap((account) =>
        Array.from({ length: chats }, async (_, chat) => {
          const conversation = `${account}-${chat}`;
          const before = answered.get(conversation) ?? 0;
          for (let n = 0; n < each; n++) {
            while (n - ((answered.get(conversation) ?? 0) - before) >= ahead) {
              await new Promise<void>((resolve) => waiting.set(conversation, resolve));
            }
            const id = `said-${said++}`;
            const { url } = gateways[posted++ % gateways.length] as GatewayProcess;
            const status = await desk.post(url, { id, conversation, text: "hello" }, account);
            if (status !== 202) throw new Error(`${account}: ${status}`);
          }
        }),
      ),
    );
    while (arrived < until) await wait(5);
  }
}

async function cpuMs(gateways: readonly GatewayProcess[]): Promise<number> {
  let ticks = 0;
  for (const { process: child } of gateways) {
    const fields = (await readFile(`/proc/${child.pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * tickMs;
}
