import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

const tools = process.env.CHART_TOOLS;
const root = fileURLToPath(new URL("../../", import.meta.url));
const chart = join(root, "charts", "polylogue");
const sets = readdirSync(join(chart, "ci"));
/** The oldest and the newest that the chart is for. */
const kubernetes = ["1.27.0", "1.37.0"];
/** Of operators that a cluster may have; Kubernetes has no schema of them. */
const foreign = ["ServiceMonitor", "PrometheusRule", "ScaledObject"];

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Record<string, unknown>;
  readonly stringData?: Readonly<Record<string, string>>;
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly securityContext: object;
    readonly automountServiceAccountToken: boolean;
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly { readonly securityContext: object; readonly resources: object; readonly env: readonly object[] }[];
    readonly volumes: readonly { readonly name: string }[];
  };
}

function call(program: string, ...words: string[]): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(join(tools ?? "", "bin", program), words, { encoding: "utf8", cwd: root });
  return { status, out: `${stdout}${stderr}` };
}

function rendered(...words: string[]): readonly Resource[] {
  const { status, out } = call("helm", "template", "chat", chart, "--namespace", "talk", ...words);
  assert.equal(status, 0, out);
  return parseAllDocuments(out).flatMap((document) => (document.toJS() as Resource | null) ?? []);
}

const valuesOf = (set: string) => ["-f", join(chart, "ci", set)];
const podOf = ({ spec }: Resource) => spec.template as Pod;
const key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

describe("the chart", { skip: !tools && "there is no CHART_TOOLS (npm test brings them on Debian, as root)" }, () => {
  let schemas = "";
  before(() => {
    schemas = mkdtempSync(join(tmpdir(), "polylogue-schemas-"));
    for (const version of kubernetes) writeSchemas(version, join(schemas, version));
  });
  after(() => rmSync(schemas, { recursive: true }));

  /** As published, each with the definitions that it refers to. */
  function writeSchemas(version: string, into: string): void {
    const packages = join(tools ?? "", "lib");
    const python = readdirSync(packages).find((name) => name.startsWith("python")) ?? "";
    const published = join(packages, python, "site-packages", "kubernetes_validate", "kubernetes-json-schema", `v${version}-local-strict`);
    const definitions = JSON.parse(readFileSync(join(published, "_definitions.json"), "utf8")) as object;
    const kinds =
      /^(?:configmap|deployment|horizontalpodautoscaler|ingress|job|networkpolicy|persistentvolumeclaim|poddisruptionbudget|secret|service|serviceaccount)-/;
    mkdirSync(into);
    for (const name of readdirSync(published).filter((name) => kinds.test(name))) {
      const schema = readFileSync(join(published, name), "utf8").replaceAll("/api/_definitions.json#", "#");
      writeFileSync(join(into, name), JSON.stringify({ ...(JSON.parse(schema) as object), ...definitions }));
    }
  }

  test("backups lie on a volume that every gateway has, where one is named", () => {
    const gateways = (...words: string[]) => JSON.stringify(rendered(...words).filter(({ kind }) => kind === "Deployment"));
    const mounted = gateways(...valuesOf("everything-values.yaml"));
    assert.match(mounted, /"name":"POLYLOGUE_BACKUPS","value":"\/backups"/);
    assert.match(mounted, /"name":"backups","mountPath":"\/backups"/);
    assert.match(mounted, /"name":"backups","persistentVolumeClaim":\{"claimName":"polylogue-backups"\}/);
    assert.doesNotMatch(gateways(...valuesOf("cluster-values.yaml")), /backups/i);
  });

  for (const set of sets) {
    test(`${set}: helm finds nothing wrong, and what it makes is what Kubernetes knows`, () => {
      const linted = call("helm", "lint", "--strict", chart, ...valuesOf(set));
      assert.equal(linted.status, 0, linted.out);
      const file = join(schemas, `${set}.yaml`);
      writeFileSync(file, call("helm", "template", "chat", chart, "--namespace", "talk", ...valuesOf(set)).out);
      for (const version of kubernetes) {
        const where = `${join(schemas, version)}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
        const checked = call("kubeconform", "-strict", "-summary", "-schema-location", where, "-skip", foreign.join(","), file);
        assert.equal(checked.status, 0, checked.out);
        assert.match(checked.out, /Valid: [1-9]\d*, Invalid: 0, Errors: 0/);
      }
    });

    test(`${set}: pods may do nothing that Pod Security "restricted" forbids, and secrets stand in secrets alone`, () => {
      const resources = rendered(...valuesOf(set));
      const pods = resources.filter(({ kind }) => kind === "Deployment" || kind === "Job").map(podOf);
      assert.ok(pods.length > 0);
      for (const { spec } of pods) {
        assert.deepEqual(spec.securityContext, {
          ...{ runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, fsGroupChangePolicy: "OnRootMismatch" },
          seccompProfile: { type: "RuntimeDefault" },
        });
        assert.equal(spec.automountServiceAccountToken, false);
        for (const { securityContext, resources } of spec.containers) {
          assert.deepEqual(securityContext, {
            ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
            capabilities: { drop: ["ALL"] },
          });
          assert.match(JSON.stringify(resources), /"limits":\{"memory"/);
        }
      }
      const others = JSON.stringify(resources.filter(({ kind }) => kind !== "Secret"));
      for (const secret of [key, "secret@", "123456:TEST", "a-setup-token"]) assert.equal(others.includes(secret), false, secret);
    });
  }

  test("one gateway with a file is replaced, not doubled; several roll, are spread, kept up and drained", () => {
    const find = (resources: readonly Resource[], kind: string) => resources.find((resource) => resource.kind === kind);
    const single = rendered(...valuesOf("single-values.yaml"));
    assert.deepEqual(find(single, "Deployment")?.spec.strategy, { type: "Recreate" });
    assert.ok(find(single, "PersistentVolumeClaim"));
    assert.equal(find(single, "PodDisruptionBudget"), undefined);
    assert.equal(find(single, "Job"), undefined);

    const cluster = rendered(...valuesOf("cluster-values.yaml"));
    const deployment = find(cluster, "Deployment") as Resource;
    assert.deepEqual(deployment.spec.strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    assert.equal(deployment.spec.replicas, 3);
    assert.equal(find(cluster, "PersistentVolumeClaim"), undefined);
    const labels = podOf(deployment).metadata.labels;
    for (const kind of ["Deployment", "PodDisruptionBudget"]) {
      const { selector } = find(cluster, kind)?.spec ?? {};
      const { matchLabels } = selector as { matchLabels: Record<string, string> };
      for (const [name, value] of Object.entries(matchLabels)) assert.equal(labels[name], value, `${kind} ${name}`);
    }
    for (const [name, value] of Object.entries(find(cluster, "Service")?.spec.selector as Record<string, string>))
      assert.equal(labels[name], value);
    assert.ok((podOf(deployment).spec.terminationGracePeriodSeconds ?? 0) >= 5 + 10 + 10);
    assert.notEqual(podOf(find(cluster, "Job") as Resource).metadata.labels["app.kubernetes.io/name"], labels["app.kubernetes.io/name"]);
  });

  test("the schema is brought up to date before anything else, with a secret that is there by then", () => {
    const hooks = rendered(...valuesOf("cluster-values.yaml")).filter(({ metadata }) => metadata.annotations?.["helm.sh/hook"]);
    assert.deepEqual(
      hooks
        .map(({ kind, metadata }) => [kind, Number(metadata.annotations?.["helm.sh/hook-weight"])])
        .toSorted((a, b) => Number(a[1]) - Number(b[1])),
      [
        ["Secret", -10],
        ["Job", 0],
      ],
    );
    assert.deepEqual(Object.keys(hooks.find(({ kind }) => kind === "Secret")?.stringData ?? {}), ["POLYLOGUE_STORE"]);
    const job = rendered(...valuesOf("everything-values.yaml")).find(({ kind }) => kind === "Job") as Resource;
    assert.match(JSON.stringify(podOf(job).spec.containers[0]?.env), /"name":"polylogue-secrets","key":"POLYLOGUE_STORE"/);
  });

  for (const [what, words, why] of [
    [
      "several gateways without a shared store",
      ["--set", `masterKey=${key},replicaCount=2`],
      /Several gateways need a store and an engine/,
    ],
    ["scaling without one", ["--set", `masterKey=${key},autoscaling.enabled=true`], /Several gateways need a store and an engine/],
    ["an engine alone", ["--set", `masterKey=${key},engine=redis://redis`], /set `store` too/],
    ["no master key", [], /Set `masterKey`/],
    ["a master key that is none", ["--set", "masterKey=hunter2"], /masterKey/],
    ["two places for secrets", ["--set", `masterKey=${key},existingSecret=mine`], /stands in place of/],
    ["a value that nobody reads", ["--set", `masterKey=${key},replicas=2`], /replicas/],
    ["another database", ["--set", `masterKey=${key},store=mysql://db`], /store/],
    ["an ingress for no host", ["--set", `masterKey=${key},ingress.enabled=true`], /ingress.host/],
  ] as const) {
    test(`refused: ${what}`, () => {
      const { status, out } = call("helm", "template", "chat", chart, ...words);
      assert.notEqual(status, 0);
      assert.match(out, why);
    });
  }

  test("its alerts are those of deploy/, and its versions the package's", () => {
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    assert.equal(read("charts/polylogue/alerts.yml"), read("deploy/prometheus/alerts.yml"));
    const { version } = JSON.parse(read("package.json")) as { version: string };
    const { version: own, appVersion } = parse(read("charts/polylogue/Chart.yaml")) as { version: string; appVersion: string };
    assert.deepEqual([own, appVersion], [version, version]);
    const rule = rendered(...valuesOf("everything-values.yaml")).find(({ kind }) => kind === "PrometheusRule");
    assert.deepEqual(rule?.spec, parse(read("deploy/prometheus/alerts.yml")));
  });

  test("every value is described where it stands", () => {
    const values = readFileSync(join(chart, "values.yaml"), "utf8");
    const known = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as { properties: object };
    const own = Object.keys(parse(values) as object);
    assert.deepEqual(
      own.toSorted(),
      Object.keys(known.properties)
        .filter((name) => name !== "global")
        .toSorted(),
    );
  });

  test("the image's recipe is as hadolint wants it", () => {
    const { status, out } = call("hadolint", "--ignore", "DL3008", "deploy/docker/Dockerfile");
    assert.equal(status, 0, out);
  });
});
