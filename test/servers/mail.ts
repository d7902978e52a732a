import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, reachable } from "./ports.ts";

/**
 * A real Postfix and a real Dovecot with configurations and folders of their own on this machine's loopback: Postfix takes mail over STARTTLS and
 * login, hands it to Dovecot over LMTP, and Dovecot's IMAP speaks TLS. As a DMARC filter would, Postfix writes Authentication-Results
 * above each mail: `people.test` passes, everybody else fails.
 */
export interface MailServers extends AsyncDisposable {
  readonly imap: string;
  readonly smtp: string;
  /** Where people hand in their mail, logged in; and where other servers bring it. */
  readonly smtpPort: number;
  readonly exchangePort: number;
  readonly imapPort: number;
  /** PEM; both servers' own. */
  readonly ca: string;
  /** Of every mailbox. */
  readonly password: string;
  readonly authservId: string;
  readonly mailboxes: readonly string[];
  stopDovecot(): Promise<void>;
  startDovecot(): Promise<void>;
  stopPostfix(): Promise<void>;
  startPostfix(): Promise<void>;
  /** What the servers wrote, for a test that failed. */
  logs(): Promise<string>;
}

const authservId = "mx.example.test";
const mailboxes = ["bot@example.test", "ada@people.test", "bob@people.test"];
const password = "mail-servers-of-the-tests-0123";

/** Why the servers can't be started here; false where they can. */
export function mailServersMissing(): string | false {
  if (process.env.MAIL_SERVERS === "none") return "MAIL_SERVERS is none";
  const missing = ["dovecot", "postfix", "openssl"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: sbin() }).status !== 0,
  );
  if (missing.length > 0)
    return `${missing.join(" and ")} not installed (Debian, Ubuntu: apt-get install dovecot-imapd dovecot-lmtpd postfix openssl)`;
  if (!existsSync("/usr/lib/dovecot/lmtp")) return "Dovecot has no LMTP (Debian, Ubuntu: apt-get install dovecot-lmtpd)";
  // Postfix's master changes users, whatever its configuration.
  return process.getuid?.() === 0 ? false : "Postfix starts as root only";
}

function sbin(): NodeJS.ProcessEnv {
  return { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LANG: "C" };
}

export async function startMailServers(): Promise<MailServers> {
  const home = await mkdtemp(join(tmpdir(), "polylogue-mail-"));
  await chmod(home, 0o755);
  const [imapPort = 0, smtpPort = 0, exchangePort = 0, lmtpPort = 0, authPort = 0] = await freePorts(5);
  const [certificate, key] = [join(home, "certificate.pem"), join(home, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const made = spawnSync("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    certificate,
    ...subject,
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  await mkdir(join(home, "mail"));
  const nobody = Number(spawnSync("id", ["-u", "nobody"]).stdout);
  const nogroup = Number(spawnSync("id", ["-g", "nobody"]).stdout);
  await chown(join(home, "mail"), nobody, nogroup);
  await writeFile(
    join(home, "users"),
    mailboxes.map((name) => `${name}:{PLAIN}${password}:${nobody}:${nogroup}::${home}/mail/${name}::\n`).join(""),
  );
  await writeFile(join(home, "dovecot.conf"), dovecotConf({ home, imapPort, lmtpPort, authPort }));
  await mkdir(join(home, "postfix"));
  await writeFile(join(home, "postfix/main.cf"), mainCf({ home, lmtpPort, authPort }));
  await writeFile(join(home, "postfix/master.cf"), masterCf(smtpPort, exchangePort));
  await writeFile(join(home, "postfix/senders"), sendersMap);
  await mkdir(join(home, "spool"));
  await mkdir(join(home, "postfix-data"));
  const postfixUser = Number(spawnSync("id", ["-u", "postfix"]).stdout);
  await chown(join(home, "postfix-data"), postfixUser, 0);

  const running = new Map<string, ChildProcess>();
  const start = async (name: string, command: string, args: readonly string[], ports: readonly number[]) => {
    const child = spawn(command, args, { stdio: "ignore", env: sbin() });
    running.set(name, child);
    await Promise.race([
      Promise.all(ports.map((port) => reachable(port))),
      once(child, "exit").then(async ([code]) => Promise.reject(new Error(`${name} ended with ${code}:\n${await logs()}`))),
    ]);
  };
  const stop = async (name: string) => {
    const child = running.get(name);
    running.delete(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  const logs = async () => {
    const files = ["dovecot.log", "postfix.log"].map((file) => readFile(join(home, file), "utf8").catch(() => ""));
    return (await Promise.all(files)).join("\n── postfix\n").slice(-20_000);
  };
  const startDovecot = () => start("dovecot", "dovecot", ["-F", "-c", join(home, "dovecot.conf")], [imapPort, lmtpPort, authPort]);
  const startPostfix = () => start("postfix", "postfix", ["-c", join(home, "postfix"), "start-fg"], [smtpPort, exchangePort]);
  const servers: MailServers = {
    ...{ imapPort, smtpPort, exchangePort, password, authservId, mailboxes, startDovecot, startPostfix, logs },
    imap: `imap://localhost:${imapPort}`,
    smtp: `smtp://localhost:${smtpPort}`,
    ca: await readFile(certificate, "utf8"),
    stopDovecot: () => stop("dovecot"),
    async stopPostfix() {
      const child = running.get("postfix");
      spawnSync("postfix", ["-c", join(home, "postfix"), "stop"], { env: sbin() });
      if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
      running.delete("postfix");
    },
    async [Symbol.asyncDispose]() {
      await servers.stopPostfix();
      await servers.stopDovecot();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await startDovecot();
    await startPostfix();
  } catch (thrown) {
    await servers[Symbol.asyncDispose]();
    throw thrown;
  }
  return servers;
}

/** https://doc.dovecot.org/2.3/configuration_manual/ */
const dovecotConf = (of: { home: string; imapPort: number; lmtpPort: number; authPort: number }) => `
base_dir = ${of.home}/dovecot
state_dir = ${of.home}/dovecot-state
log_path = ${of.home}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <${of.home}/certificate.pem
ssl_key = <${of.home}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_username_format = %Lu
auth_failure_delay = 0
mail_location = maildir:${of.home}/mail/%u
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = username_format=%u ${of.home}/users
}
userdb {
  driver = passwd-file
  args = username_format=%u ${of.home}/users
}
namespace inbox {
  inbox = yes
  mailbox Done {
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = ${of.imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${of.lmtpPort}
  }
}
service auth {
  inet_listener auth {
    address = 127.0.0.1
    port = ${of.authPort}
  }
}
`;

/** https://www.postfix.org/postconf.5.html */
const mainCf = (of: { home: string; lmtpPort: number; authPort: number }) => `
compatibility_level = 3.6
queue_directory = ${of.home}/spool
data_directory = ${of.home}/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${of.home}/postfix.log
maillog_file_prefixes = ${of.home}
myhostname = ${authservId}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = example.test, people.test
virtual_transport = lmtp:inet:127.0.0.1:${of.lmtpPort}
smtpd_tls_cert_file = ${of.home}/certificate.pem
smtpd_tls_key_file = ${of.home}/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${of.authPort}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access texthash:${of.home}/postfix/senders
smtpd_client_connection_rate_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
`;

const results = `PREPEND Authentication-Results: ${authservId};`;
const sendersMap = [
  `people.test ${results} dmarc=pass header.from=people.test`,
  `evil.test ${results} dmarc=fail header.from=people.test`,
  "",
].join("\n");

/** https://www.postfix.org/master.5.html */
const masterCf = (smtpPort: number, exchangePort: number) => `
127.0.0.1:${smtpPort} inet n - n - - smtpd
127.0.0.1:${exchangePort} inet n - n - - smtpd -o smtpd_sasl_auth_enable=no
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
