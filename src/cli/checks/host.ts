import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isIP } from "node:net";
import { configurationFile, lastGoodFile } from "../../config/disk.ts";
import type { Loaded } from "../../config/load.ts";
import type { Finding } from "../../core/finding.ts";
import { certificateFindings, readIdentity } from "../../ops/certificate.ts";
import { diskFindings, freeMegabytes } from "../../ops/disk.ts";
import type { CliDoor } from "../door.ts";
import { asFinding, type Check } from "./check.ts";

const leastNode = 26;

/** The machine: Node, the data folder with its rights and room, and who can reach the gateway. */
export async function checkHost(door: CliDoor, loaded: Loaded): Promise<Check[]> {
  return [
    checkNode(),
    await checkHome(door),
    await checkFiles(door, loaded),
    checkExposure(door, loaded),
    ...(await checkTls(door, loaded)),
  ];
}

function checkNode(): Check {
  const old = Number(process.versions.node.split(".")[0]) < leastNode;
  return {
    name: "node",
    detail: process.version,
    findings: old
      ? [
          warning(
            "error",
            "node-old",
            "node",
            `Node ${process.version} is older than ${leastNode}.`,
            "Start it with `npm start` or `npx polylogue`, which bring their own Node along.",
          ),
        ]
      : [],
  };
}

async function checkHome({ home }: CliDoor): Promise<Check> {
  const findings: Finding[] = [];
  const about = await stat(home).catch(() => undefined);
  if (!about) return { name: "data folder", detail: `${home} isn't there yet; the first start makes it`, findings };
  if (!about.isDirectory())
    findings.push(
      warning("error", "home-unusable", home, `${home} is no folder.`, "Move it away, or set POLYLOGUE_HOME to another place."),
    );
  else {
    if (isOpen(about.mode))
      findings.push(
        warning("warning", "home-open", home, `Other users of this machine can read the data folder ${home}.`, `chmod 700 ${home}`),
      );
    const writable = await access(home, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!writable)
      findings.push(
        warning(
          "error",
          "home-unusable",
          home,
          `The data folder ${home} can't be written by this user.`,
          "Run it as the user that the folder belongs to, or set POLYLOGUE_HOME.",
        ),
      );
  }
  const free = await freeMegabytes(home);
  findings.push(...diskFindings(home, free));
  return { name: "data folder", detail: `${home}${free === undefined ? "" : `, ${free} MB free`}`, findings };
}

/** Files with something in them that others on the machine must not read. */
async function checkFiles({ home, store }: CliDoor, loaded: Loaded): Promise<Check> {
  const clear = loaded.findings.some(({ code }) => code === "secret-in-clear");
  const findings: Finding[] = [];
  for (const file of [...(store.file ? [store.file] : []), ...(clear ? [configurationFile(home), lastGoodFile(home)] : [])]) {
    const about = await stat(file).catch(() => undefined);
    if (about && isOpen(about.mode))
      findings.push(warning("warning", "file-open", file, `Other users of this machine can read ${file}.`, `chmod 600 ${file}`));
  }
  return { name: "files", detail: configurationFile(home), findings };
}

function checkExposure({ environment }: CliDoor, loaded: Loaded): Check {
  const host = environment.POLYLOGUE_HOST || "127.0.0.1";
  const { publicUrl, tls } = loaded.configuration.http;
  const findings: Finding[] = [];
  if (!isLoopback(host) && !publicUrl?.startsWith("https:") && !tls) {
    findings.push(
      warning(
        "warning",
        "exposed",
        "POLYLOGUE_HOST",
        `The gateway listens on ${host}, beyond this machine, and no https address is known: logins would travel in clear.`,
        "Put a proxy with TLS before it and set `http.publicUrl` to its https address, set `http.tls`, or listen on 127.0.0.1.",
      ),
    );
  }
  return { name: "exposure", detail: `${host}${tls ? ", with TLS" : ""}${publicUrl ? `, reached as ${publicUrl}` : ""}`, findings };
}

async function checkTls({ clock }: CliDoor, loaded: Loaded): Promise<Check[]> {
  const { tls } = loaded.configuration.http;
  if (!tls) return [];
  const read = await readIdentity(tls);
  if (!read.ok) return [{ name: "certificate", detail: tls.certificate, findings: [asFinding(read.fault, "http.tls")] }];
  const { endsAt } = read.value;
  const findings: Finding[] = certificateFindings(endsAt, clock.now());
  const about = await stat(tls.key);
  if (isOpen(about.mode & ~0o040))
    findings.push(warning("warning", "file-open", tls.key, `Other users of this machine can read ${tls.key}.`, `chmod 640 ${tls.key}`));
  return [{ name: "certificate", detail: `${tls.certificate}, until ${new Date(endsAt).toISOString().slice(0, 10)}`, findings }];
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function isOpen(mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o077) !== 0;
}

function warning(severity: Finding["severity"], code: string, subject: string, message: string, hint: string): Finding {
  return { code, severity, subject, message, hint };
}
