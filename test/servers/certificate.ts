import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A certificate of a server's own making, for `localhost` and 127.0.0.1; it is its own authority. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** Two files in `folder`, made by openssl. */
export async function makeCertificate(folder: string, name = "server", hosts: readonly string[] = ["localhost"]): Promise<Certificate> {
  const [certificateFile, keyFile] = [join(folder, `${name}-certificate.pem`), join(folder, `${name}-key.pem`)];
  const names = [...hosts.map((host) => `DNS:${host}`), "IP:127.0.0.1"].join(",");
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", keyFile, "-out", certificateFile],
    ...["-subj", `/CN=${hosts[0]}`, "-addext", `subjectAltName=${names}`],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { certificateFile, keyFile, certificate: await readFile(certificateFile, "utf8"), key: await readFile(keyFile, "utf8") };
}
