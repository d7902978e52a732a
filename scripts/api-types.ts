/** `npm run api-types`: writes the web app's types of the API from its OpenAPI description. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { apiFingerprint, describeApi } from "../src/http/openapi.ts";

const target = path.join(import.meta.dirname, "../ui/src/api/schema.generated.ts");
const work = mkdtempSync(path.join(tmpdir(), "polylogue-api-"));
try {
  const description = path.join(work, "openapi.json");
  const types = path.join(work, "schema.ts");
  writeFileSync(description, JSON.stringify(describeApi("0.0.0"), null, 2));
  // Through npx with a TypeScript of its own: it needs the compiler's API, which TypeScript 7 doesn't offer.
  const packages = ["-p", "openapi-typescript@7.13.0", "-p", "typescript@5.9.3"];
  execFileSync(
    "npx",
    ["-y", ...packages, "openapi-typescript", description, "-o", types, "--root-types", "--root-types-no-schema-prefix"],
    {
      stdio: ["ignore", "ignore", "inherit"],
      cwd: work,
    },
  );
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(
    target,
    `// Made by \`npm run api-types\` from the API's description, ${apiFingerprint()}. Not to be edited.\n${readFileSync(types, "utf8")}`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
