import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { IrcPerson, type PersonOptions } from "./irc-person.ts";
import { freePorts } from "./ports.ts";
import { type ServerProgram, sbin, serverProgram } from "./program.ts";

/** A real IRC server on loopback, with a configuration of its own. */
export interface IrcServer extends AsyncDisposable {
  /** With TLS and without. */
  readonly tls: string;
  readonly plain: string;
  readonly certificate: Certificate;
  /** Somebody who is on it, played by the test. */
  person(nick: string, options?: PersonOptions): Promise<IrcPerson>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Why they can't be started here; false where they can. */
export function ircServersMissing(): string | false {
  const missing = ["ngircd", "inspircd", "anope", "openssl"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: sbin() }).status !== 0,
  );
  return missing.length > 0 && `${missing.join(" and ")} not installed (Debian, Ubuntu: apt-get install ngircd inspircd anope openssl)`;
}

/** https://ngircd.barton.de/documentation: few of IRCv3's extensions, no services. */
export async function startNgircd(): Promise<IrcServer> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-ngircd-"));
  const [port = 0, tlsPort = 0] = await freePorts(2);
  const certificate = await makeCertificate(home);
  // It becomes another user where root starts it.
  await chmod(home, 0o755);
  await chmod(certificate.keyFile, 0o644);
  const file = join(home, "ngircd.conf");
  await writeFile(file, ngircdConf({ port, tlsPort, certificate }));
  const program = serverProgram({ command: "ngircd", args: ["-n", "-f", file], cwd: home, ports: [port, tlsPort] });
  return opened({ port, tlsPort, certificate, home, programs: [program] });
}

/** https://docs.inspircd.org/3/ with https://www.anope.org as its services: accounts, SASL, and the extensions that it has. */
export async function startInspircd(): Promise<IrcServer> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-inspircd-"));
  const [port = 0, tlsPort = 0, linkPort = 0] = await freePorts(3);
  const certificate = await makeCertificate(home);
  const file = join(home, "inspircd.conf");
  await writeFile(file, inspircdConf({ port, tlsPort, linkPort, certificate, home }));
  for (const folder of ["db", "logs", "run"]) await mkdir(join(home, folder));
  await writeFile(join(home, "services.conf"), anopeConf(linkPort, home));
  const ircd = serverProgram({
    ...{ command: "inspircd", cwd: home, ports: [port, tlsPort, linkPort] },
    args: ["--nofork", "--nopid", ...(process.getuid?.() === 0 ? ["--runasroot"] : []), "--config", file],
  });
  const folders = [`--confdir=${home}`, `--dbdir=${home}/db`, `--logdir=${home}/logs`, "--modulesdir=/usr/lib/anope"];
  const services = serverProgram({
    ...{ command: "anope", cwd: home, ports: [], args: ["--nofork", "--config=services.conf", ...folders] },
    ready: () => servicesThere(port),
  });
  return opened({ port, tlsPort, certificate, home, programs: [ircd, services] });
}

async function opened(of: {
  readonly port: number;
  readonly tlsPort: number;
  readonly certificate: Certificate;
  readonly home: string;
  readonly programs: readonly ServerProgram[];
}): Promise<IrcServer> {
  const { port, tlsPort, certificate, programs, home } = of;
  const people: IrcPerson[] = [];
  const server: IrcServer = {
    ...{ certificate, tls: `ircs://localhost:${tlsPort}`, plain: `irc://127.0.0.1:${port}` },
    async person(nick, options) {
      const person = await IrcPerson.connect(port, nick, options);
      people.push(person);
      return person;
    },
    async start() {
      for (const program of programs) await program.start();
    },
    async stop() {
      for (const program of programs.toReversed()) await program.stop();
    },
    async [Symbol.asyncDispose]() {
      for (const person of people) person.close();
      await server.stop();
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

async function servicesThere(port: number): Promise<void> {
  const asker = await IrcPerson.connect(port, "asker", {});
  while (!(await asker.ask("WHOIS NickServ", "318")).some(({ command }) => command === "311"))
    await new Promise((resolve) => setTimeout(resolve, 100));
  asker.close();
}

const ngircdConf = (of: { port: number; tlsPort: number; certificate: Certificate }) => `
[Global]
Name = irc.ngircd.test
Info = tests
Listen = 127.0.0.1
Ports = ${of.port}
${process.getuid?.() === 0 ? "ServerUID = nobody\nServerGID = nogroup" : ""}
[Limits]
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = ${of.certificate.certificateFile}
KeyFile = ${of.certificate.keyFile}
Ports = ${of.tlsPort}
`;

const inspircdModules = [
  ...["spanningtree", "ircv3", "ircv3_accounttag", "ircv3_batch", "ircv3_capnotify", "ircv3_chghost", "ircv3_ctctags"],
  ...["ircv3_echomessage", "ircv3_labeledresponse", "ircv3_msgid", "ircv3_servertime", "cap", "sasl", "services_account"],
  ...["botmode", "chanhistory", "sslinfo", "alias", "hidechans"],
];

const inspircdConf = (of: { port: number; tlsPort: number; linkPort: number; certificate: Certificate; home: string }) => `
<server name="irc.inspircd.test" description="tests" network="Tests">
<admin name="tests" nick="tests" email="tests@example.test">
<path configdir="${of.home}" datadir="${of.home}" logdir="${of.home}/logs" runtimedir="${of.home}">
<bind address="127.0.0.1" port="${of.port}" type="clients">
<bind address="127.0.0.1" port="${of.tlsPort}" type="clients" sslprofile="Clients">
<bind address="127.0.0.1" port="${of.linkPort}" type="servers">
<module name="ssl_gnutls">
<sslprofile name="Clients" provider="gnutls" certfile="${of.certificate.certificateFile}" keyfile="${of.certificate.keyFile}" hash="sha256" requestclientcert="yes">
<connect name="main" allow="*" timeout="60" pingfreq="600" hardsendq="1M" softsendq="8192" recvq="8K" threshold="1000" commandrate="1000000"
  fakelag="off" localmax="1000" globalmax="1000" resolvehostnames="no" useident="no" maxchans="100">
<dns timeout="1">
<performance softlimit="1000" clonesonconnect="no">
<security hidewhois="" maxtargets="20">
<class name="Oper" commands="KILL GLINE" privs="users/auspex">
<type name="Oper" classes="Oper">
<oper name="oper" password="oper-password" host="*@*" type="Oper">
${inspircdModules.map((name) => `<module name="${name}">`).join("\n")}
<sasl target="services.inspircd.test">
<chanhistory bots="yes" maxlines="50" prefixmsg="no">
<uline server="services.inspircd.test" silent="yes">
<link name="services.inspircd.test" ipaddr="127.0.0.1" port="${of.linkPort}" allowmask="127.0.0.0/8" sendpass="link-password" recvpass="link-password">
<alias text="NICKSERV" replace="SQUERY $requirement :$2-" requires="NickServ" uline="yes">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="ircd.log">
`;

const anopeConf = (linkPort: number, home: string) => `
uplink { host = "127.0.0.1"; ipv6 = no; ssl = no; port = ${linkPort}; password = "link-password" }
serverinfo { name = "services.inspircd.test"; description = "services"; pid = "${home}/run/services.pid"; motd = "none" }
module { name = "inspircd3" }
networkinfo { networkname = "Tests"; nicklen = 30; userlen = 10; hostlen = 64; chanlen = 64; modelistsize = 100
  vhost_chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"; allow_undotted_vhosts = false; disallow_start_or_end = ".-" }
options { casemap = "rfc1459"; strictpasswords = no; badpasslimit = 0; updatetimeout = 5m; expiretimeout = 30m; readtimeout = 5s; warningtimeout = 4h
  timeoutcheck = 3s; retrywait = 1s }
mail { usemail = no; sendfrom = "tests@example.test" }
module { name = "db_flatfile"; database = "anope.db"; keepbackups = 0; fork = no }
module { name = "enc_sha256" }
module { name = "m_sasl" }
service { nick = "NickServ"; user = "services"; host = "services.inspircd.test"; gecos = "NickServ" }
module { name = "nickserv"; client = "NickServ"; forceemail = no; confirmemailchanges = no; unregistered_notice = ""; expire = 0; killquick = 20s; kill = 60s
  guestnickprefix = "Guest"; regdelay = 0; registration = "none" }
module { name = "ns_register"; registration = "none"; nickregdelay = 0s }
command { service = "NickServ"; name = "REGISTER"; command = "nickserv/register" }
module { name = "ns_identify" }
command { service = "NickServ"; name = "IDENTIFY"; command = "nickserv/identify" }
module { name = "ns_cert"; max = 5 }
command { service = "NickServ"; name = "CERT"; command = "nickserv/cert" }
log { target = "services.log"; logage = 1; admin = "*"; commands = "*"; servers = "*"; other = "*" }
`;
