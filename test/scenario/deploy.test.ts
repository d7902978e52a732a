import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { openDesk } from "../support/desk.ts";

const place = (path: string) => fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url));
const read = (path: string) => readFileSync(place(path), "utf8");
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;
const without = (program: string) => (has(program) ? false : `there is no ${program} on this machine`);

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const rules = (parse(read("prometheus/alerts.yml")) as Rules).groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(read("grafana/polylogue.json")) as Dashboard;
const queries = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ of: title, expr }))),
];

/** A gateway that has answered a message with a model, as Prometheus sees it. */
async function scrape(): Promise<string> {
  await using home = await temporaryHome();
  let arrived = 0;
  await using desk = await openDesk({
    connections: 1,
    arrived: () => {
      arrived += 1;
    },
  });
  const gateway = await startGatewayProcess({ home: home.path, configuration: { accounts: { desk: desk.account } } });
  try {
    const owner = { token: setupToken, name: "Ada", password: "a-long-enough-password-1" };
    const made = await fetch(`${gateway.url}/api/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(owner) },
    });
    assert.equal(made.status, 201);
    const cookie = String(made.headers.get("set-cookie")).split(";")[0] as string;
    await desk.post(gateway.url, { id: "e1", conversation: "c1", text: "hello" });
    for (let waited = 0; arrived === 0 && waited < 20_000; waited += 20) await pause(20);
    assert.equal(arrived, 1);
    await pause(200);
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 401, "metrics aren't for everybody");
    const answer = await fetch(`${gateway.url}/metrics`, { headers: { cookie } });
    assert.equal(answer.status, 200);
    return await answer.text();
  } finally {
    await gateway.stop();
  }
}

describe("what stands in deploy", { timeout: 60_000 }, () => {
  let text = "";
  before(async () => {
    text = await scrape();
  });

  test("every metric that a rule or panel names is there in a real scrape, with the labels that it asks for", () => {
    const labels = new Map<string, Set<string>>();
    for (const [, name = "", pairs = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
      const known = labels.get(name) ?? new Set();
      for (const [, label = ""] of pairs.matchAll(/(\w+)="/g)) known.add(label);
      labels.set(name, known);
    }
    // Prometheus itself adds these.
    const own = ["instance", "job"];
    assert.ok(queries.length > 25);
    for (const { of, expr } of queries) {
      const named = [...expr.matchAll(/\b((?:polylogue|message|process)_\w+)(?:\{([^}]*)\})?/g)];
      assert.ok(named.length > 0 || expr.startsWith("up{"), `${of} names no metric: ${expr}`);
      for (const [, name = "", selector = ""] of named) {
        const known = labels.get(name);
        assert.ok(known, `${of} asks for ${name}, which the gateway doesn't say`);
        for (const [, label = ""] of selector.matchAll(/(\w+)\s*=?[=~!]/g))
          assert.ok(known.has(label) || own.includes(label), `${of}: ${name} has no ${label}`);
      }
    }
  });

  test("the rules are ones that Prometheus takes", { skip: without("promtool") }, () => {
    const checked = spawnSync("promtool", ["check", "rules", place("prometheus/alerts.yml")], { encoding: "utf8" });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });

  test("the metrics are ones that Prometheus reads", { skip: without("promtool") }, () => {
    const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    // 1: what can't be read. 3: words on style; one name is the plain one that was asked for.
    assert.ok(checked.status === 0 || checked.status === 3, checked.stderr);
  });

  test("the cluster's file: each gateway is shut in, knows its servers, and gets a configuration that is right", async () => {
    const cluster = parse(read("docker/cluster.yaml"), { merge: true }) as {
      readonly services: Readonly<Record<string, Record<string, unknown> & { readonly environment: Record<string, string> }>>;
      readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
      readonly configs: Readonly<Record<string, { readonly file: string }>>;
    };
    const gateways = Object.entries(cluster.services).filter(([name]) => /^polylogue-\d$/.test(name));
    assert.equal(gateways.length, 3);
    for (const [name, { environment, read_only, cap_drop, security_opt, networks, depends_on }] of gateways) {
      assert.equal(environment.POLYLOGUE_REPLICA, name);
      assert.match(environment.POLYLOGUE_STORE ?? "", /^postgres:\/\/polylogue:.*@postgres:5432\/polylogue$/);
      assert.match(environment.POLYLOGUE_ENGINE ?? "", /^redis:\/\/:.*@redis:6379$/);
      assert.ok(environment.POLYLOGUE_MASTER_KEY);
      assert.deepEqual([read_only, cap_drop, security_opt], [true, ["ALL"], ["no-new-privileges:true"]]);
      assert.deepEqual(networks, ["inside", "outside"]);
      assert.deepEqual(Object.keys(depends_on as object), ["postgres", "redis"]);
    }
    assert.equal(cluster.networks.inside?.internal, true);
    for (const server of ["postgres", "redis"]) {
      assert.deepEqual(cluster.services[server]?.networks, ["inside"]);
      assert.equal(cluster.services[server]?.ports, undefined, `${server} is nobody's beyond`);
    }
    for (const { file } of Object.values(cluster.configs)) assert.ok(read(`docker/${file}`).length > 0);
    for (const [name] of gateways) assert.match(read("docker/Caddyfile"), new RegExp(`${name}:8501`));
    await using home = await temporaryHome();
    writeFileSync(`${home.path}/polylogue.json5`, read("docker/polylogue.json5"));
    const gateway = await startGatewayProcess({ home: home.path, env: { DOMAIN: "chat.example.com" } });
    assert.doesNotMatch(gateway.log(), /"level":"(?:warn|error)"/);
    await gateway.stop();
  });

  test("the unit is one that systemd takes, and shuts in what it runs", { skip: without("systemd-analyze") }, () => {
    const unit = place("systemd/polylogue.service");
    const verified = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    const own = verified.stderr.split("\n").filter((line) => line.includes("polylogue.service") && !line.includes("is not executable"));
    assert.deepEqual(own, []);
    const judged = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", unit], { encoding: "utf8" });
    assert.equal(judged.status, 0, judged.stdout.slice(-500) + judged.stderr);
  });
});
