import { createHash } from "node:crypto";
import { z } from "zod";
import { errorTable } from "../core/errors.ts";
import type { Json } from "../core/terms.ts";
import { contract, groups } from "./contract.ts";
import type { Endpoint } from "./endpoint.ts";
import { ErrorBody, namedSchemas } from "./schema/common.ts";
import { LiveEvent } from "./schema/operation.ts";
import { PlayEvent } from "./schema/playground.ts";

type Node = { [key: string]: Json };

/** The OpenAPI 3.1 description of the API (https://spec.openapis.org/oas/v3.1.1.html), built from the contract. */
export function describeApi(version: string): Node {
  const schemas = describeSchemas();
  const paths: { [path: string]: Node } = {};
  for (const [tag, operations] of Object.entries(groups)) {
    for (const [name, declared] of Object.entries<Endpoint>(operations)) {
      const path = paths[declared.path] ?? {};
      paths[declared.path] = path;
      path[declared.method] = { operationId: name, tags: [tag], ...describeOperation(declared, schemas) };
    }
  }
  return {
    openapi: "3.1.1",
    info: { title: "Polylogue", version, description: "The gateway's own API. Errors are listed in docs/errors.md." },
    servers: [{ url: "/" }],
    security: [{ login: [] }, { token: [] }],
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: {
        login: { type: "apiKey", in: "cookie", name: "polylogue", description: "Set by POST /api/login; `__Host-polylogue` under https." },
        token: { type: "http", scheme: "bearer", description: "Made by POST /api/tokens." },
      },
    },
  };
}

/** Changes when anything in the description does but the version: the generated types of the web app carry it. */
export function apiFingerprint(): string {
  return `sha256 ${createHash("sha256")
    .update(JSON.stringify(describeApi("0.0.0")))
    .digest("hex")}`;
}

interface Schemas {
  readonly components: Node;
  reference(schema: z.ZodType): Node;
}

/** All schemas in one pass, so that each is described once and everything else refers to it. */
function describeSchemas(): Schemas {
  const all = z.registry<{ id: string }>();
  const named = namedSchemas();
  const names = new Map<z.ZodType, string>();
  const add = (schema: z.ZodType, id: string) => {
    names.set(schema, id);
    all.add(schema, { id });
  };
  const inline: string[] = [];
  for (const [name, declared] of Object.entries<Endpoint>(contract)) {
    for (const [role, schema] of [
      ["query", declared.query],
      ["body", declared.body],
      ["answer", declared.answer],
    ] as const) {
      if (!schema || names.has(schema)) continue;
      const known = named.get(schema)?.id;
      add(schema, known ?? `${name}.${role}`);
      if (!known) inline.push(`${name}.${role}`);
    }
  }
  for (const schema of [ErrorBody, LiveEvent, PlayEvent]) if (!names.has(schema)) add(schema, named.get(schema)?.id as string);
  for (const [schema, id] of reachable([...names.keys()], named)) if (!names.has(schema)) add(schema, id);

  const made = z.toJSONSchema(all, { uri: (id) => `#/components/schemas/${id}`, io: "input" }).schemas as unknown as { [id: string]: Node };
  for (const schema of Object.values(made)) {
    delete schema.$schema;
    delete schema.$id;
  }
  const components = Object.fromEntries(
    Object.entries(made)
      .filter(([id]) => !inline.includes(id))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return {
    components,
    reference(schema) {
      const id = names.get(schema) as string;
      return inline.includes(id) ? (made[id] as Node) : { $ref: `#/components/schemas/${id}` };
    },
  };
}

/** Named schemas inside of others. */
function reachable(from: z.ZodType[], named: ReturnType<typeof namedSchemas>): Map<z.ZodType, string> {
  const found = new Map<z.ZodType, string>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof z.ZodType) {
      const id = named.get(value)?.id;
      if (id) found.set(value, id);
      visit(value.def);
    } else for (const inner of Object.values(value)) visit(inner);
  };
  for (const schema of from) visit(schema);
  return found;
}

function describeOperation(declared: Endpoint, schemas: Schemas): Node {
  const body: Node = declared.body
    ? { requestBody: { required: true, content: { "application/json": { schema: schemas.reference(declared.body) } } } }
    : declared.bytes
      ? { requestBody: { required: true, content: { "application/octet-stream": { schema: {} } } } }
      : {};
  const content = declared.answer
    ? { "application/json": { schema: schemas.reference(declared.answer) } }
    : { [declared.media ?? "text/event-stream"]: { schema: declared.media ? {} : { type: "string" } } };
  const parameters = [...pathParameters(declared.path), ...queryParameters(declared, schemas)];
  return {
    summary: declared.summary,
    description: roleNote(declared),
    ...(declared.role === "public" ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...body,
    responses: {
      [String(declared.status ?? 200)]: { description: "Done.", content },
      default: { description: `One of: ${codes}.`, content: { "application/json": { schema: schemas.reference(ErrorBody) } } },
    },
  };
}

const codes = [...new Set(Object.values(errorTable).map((kind) => kind.status))].sort((a, b) => a - b).join(", ");

function roleNote(declared: Endpoint): string {
  if (declared.role === "public") return "Needs no login.";
  return `Role: ${declared.role}${declared.loginOnly ? ", signed in with a password (not by token)" : ""}.`;
}

function pathParameters(path: string): Node[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name as string,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(declared: Endpoint, schemas: Schemas): Node[] {
  if (!declared.query) return [];
  const properties = (schemas.reference(declared.query).properties ?? {}) as { [name: string]: Node };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: false, schema }));
}
