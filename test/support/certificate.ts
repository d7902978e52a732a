import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes a certificate of its own for localhost and puts it, as who renews does, in the place of the one before. */
export function makeCertificate(folder: string, name: string, { days = 90 } = {}): { certificate: string; key: string } {
  const fresh = mkdtempSync(join(tmpdir(), "polylogue-certificate-"));
  const [cert, key] = [join(fresh, "cert.pem"), join(fresh, "key.pem")];
  const about = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", String(days)];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  execFileSync("openssl", ["req", "-x509", ...curve, "-nodes", "-keyout", key, "-out", cert, ...about], { stdio: "pipe" });
  const placed = { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  renameSync(key, placed.key);
  renameSync(cert, placed.certificate);
  return placed;
}
