import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { freePorts } from "./ports.ts";
import { sbin, serverProgram } from "./program.ts";
import { XmppPerson } from "./xmpp-person.ts";

/** A real XMPP server for the domain `localhost`, on loopback, with a configuration of its own. */
export interface XmppServer extends AsyncDisposable {
  /** For the setting `server`: TLS from the start, STARTTLS, neither. */
  readonly direct: string;
  readonly starttls: string;
  readonly plain: string;
  readonly certificate: Certificate;
  /** Where its rooms are. */
  readonly rooms: string;
  person(name: string, options?: { register?: boolean; password?: string }): Promise<XmppPerson>;
  start(): Promise<void>;
  stop(): Promise<void>;
  output(): string;
}

/** Why they can't be started here; false where they can. */
export function xmppServersMissing(): string | false {
  const missing = ["prosody", "ejabberdctl", "openssl"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: sbin() }).status !== 0,
  );
  return missing.length > 0 && `${missing.join(" and ")} not installed (Debian, Ubuntu: apt-get install prosody ejabberd openssl)`;
}

interface Place {
  readonly home: string;
  readonly certificate: Certificate;
  readonly port: number;
  readonly tlsPort: number;
  readonly plainPort: number;
  readonly httpPort: number;
}

/** https://prosody.im/doc/configure */
export async function startProsody(): Promise<XmppServer> {
  const place = await makePlace("prosody");
  const { home, port, tlsPort, plainPort, httpPort } = place;
  const file = join(home, "prosody.cfg.lua");
  await writeFile(file, prosodyConf(place));
  const args = ["--config", file, "-F", ...(process.getuid?.() === 0 ? ["--root"] : [])];
  return opened(place, "rooms.localhost", { command: "prosody", args, cwd: home, ports: [port, tlsPort, httpPort, plainPort] });
}

/** https://docs.ejabberd.im/admin/configuration/ by Erlang itself, without the network of Erlang's own that `ejabberdctl` needs. */
export async function startEjabberd(): Promise<XmppServer> {
  const place = await makePlace("ejabberd");
  const { home, port, tlsPort, plainPort, httpPort } = place;
  await writeFile(join(home, "ejabberd.yml"), ejabberdConf(place));
  const env = {
    EJABBERD_CONFIG_PATH: join(home, "ejabberd.yml"),
    EJABBERD_LOG_PATH: join(home, "ejabberd.log"),
    HOME: home,
    ERL_LIBS: erlangLibraries(),
  };
  const args = ["-noinput", "-mnesia", "dir", `"${join(home, "db")}"`, "-s", "ejabberd"];
  return opened(place, "rooms.localhost", { command: "erl", args, cwd: home, env, ports: [port, tlsPort, plainPort, httpPort] });
}

/** Debian's folder of this machine's kind. */
function erlangLibraries(): string {
  return readdirSync("/usr/lib")
    .filter((name) => name.endsWith("-linux-gnu"))
    .map((name) => `/usr/lib/${name}`)
    .join(":");
}

async function makePlace(name: string): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), `polylogue-${name}-`));
  const certificate = await makeCertificate(home);
  const [port = 0, tlsPort = 0, plainPort = 0, httpPort = 0] = await freePorts(4);
  await writeFile(join(home, "both.pem"), certificate.certificate + certificate.key);
  await chmod(home, 0o755);
  await mkdir(join(home, "db"));
  return { home, certificate, port, tlsPort, plainPort, httpPort };
}

async function opened(
  { home, certificate, port, tlsPort, plainPort }: Place,
  rooms: string,
  options: Parameters<typeof serverProgram>[0],
): Promise<XmppServer> {
  const people: XmppPerson[] = [];
  const program = serverProgram(options);
  const server: XmppServer = {
    ...{
      certificate,
      rooms,
      direct: `xmpps://localhost:${tlsPort}`,
      starttls: `xmpp://127.0.0.1:${port}`,
      plain: `plain://127.0.0.1:${plainPort}`,
    },
    async person(name, more) {
      const person = await XmppPerson.connect(plainPort, name, more);
      people.push(person);
      return person;
    },
    start: () => program.start(),
    stop: () => program.stop(),
    output: () => program.output(),
    async [Symbol.asyncDispose]() {
      for (const person of people) person.close();
      await program.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await server.start();
  } catch (thrown) {
    await server[Symbol.asyncDispose]();
    throw thrown;
  }
  return server;
}

/** Encryption is required on one port only: a second server inside, which is the same host, would be another. */
const prosodyConf = ({ home, certificate, port, tlsPort, plainPort, httpPort }: Place) => `
run_as_root = true
certificates = "${home}"
pidfile = "${home}/prosody.pid"
data_path = "${home}/db"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port}, ${plainPort} }
c2s_direct_tls_ports = { ${tlsPort} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
s2s_ports = {}
http_ports = { ${httpPort} }
https_ports = {}
http_interfaces = { "127.0.0.1" }
authentication = "internal_hashed"
allow_registration = true
registration_throttle_max = 1000
ssl = { certificate = "${certificate.certificateFile}"; key = "${certificate.keyFile}" }
modules_enabled = { "disco"; "roster"; "saslauth"; "tls"; "smacks"; "mam"; "ping"; "register_ibr"; "offline"; "carbons"; "blocklist" }
modules_disabled = { "s2s" }
VirtualHost "localhost"
Component "rooms.localhost" "muc"
  modules_enabled = { "muc_mam" }
Component "files.localhost" "http_file_share"
  http_host = "localhost"
  http_external_url = "http://localhost:${httpPort}/"
`;

const ejabberdConf = ({ home, port, tlsPort, plainPort, httpPort }: Place) => `
hosts: ["localhost"]
loglevel: 4
certfiles: ["${home}/both.pem"]
ca_file: "${home}/both.pem"
auth_password_format: scram
registration_timeout: infinity
listen:
  - { port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls_required: true }
  - { port: ${tlsPort}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true }
  - { port: ${plainPort}, ip: "127.0.0.1", module: ejabberd_c2s }
  - { port: ${httpPort}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: { /upload: mod_http_upload } }
access_rules: { everybody: { allow: all } }
modules:
  mod_disco: {}
  mod_roster: {}
  mod_offline: {}
  mod_ping: {}
  mod_stream_mgmt: { resend_on_timeout: if_offline }
  mod_mam: { default: always, assume_mam_usage: true }
  mod_muc: { host: "rooms.localhost", access_create: everybody, access_persistent: everybody, access_mam: everybody, default_room_options: { mam: true } }
  mod_register: { access: everybody, ip_access: all, access_from: everybody }
  mod_http_upload: { host: "files.localhost", docroot: "${home}/files", put_url: "http://localhost:${httpPort}/upload", access: everybody }
`;
