import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { contract } from "./contract.ts";
import { apiFingerprint, describeApi } from "./openapi.ts";

const description = describeApi("1.2.3") as {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown>; security?: unknown[] }>>;
  components: { schemas: Record<string, unknown> };
};

test("every operation of the contract is described once", () => {
  const described = Object.values(description.paths).flatMap((methods) => Object.values(methods).map((operation) => operation.operationId));
  assert.deepEqual(described.toSorted(), Object.keys(contract).toSorted());
});

test("only operations without a role are described as open", () => {
  for (const methods of Object.values(description.paths)) {
    for (const operation of Object.values(methods)) {
      const declared = contract[operation.operationId as keyof typeof contract];
      assert.equal(operation.security?.length === 0, declared.role === "public", operation.operationId);
    }
  }
});

test("every reference leads to a component", () => {
  const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    (match) => match[1] as string,
  );
  assert.ok(references.length > 50);
  for (const name of references) assert.ok(description.components.schemas[name], name);
});

test("the web app's types are those of this description: else run `npm run api-types`", async () => {
  const file = path.join(import.meta.dirname, "../../ui/src/api/schema.generated.ts");
  const lines = createInterface({ input: createReadStream(file) });
  for await (const line of lines) {
    assert.ok(line.includes(apiFingerprint()), "ui/src/api/schema.generated.ts is stale: run `npm run api-types`");
    return lines.close();
  }
});
