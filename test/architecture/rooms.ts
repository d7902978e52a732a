/**
 * Who may import whom. A room is a folder of `src/`, or a file that stands directly in it. Rooms that aren't in the
 * table may not exist: a new one enters here first, and the table must stay free of cycles.
 */
export interface Room {
  readonly may: readonly string[];
  /** An open set: its members (a file, or a folder) never import each other. */
  readonly apart?: true;
}

const path = ["inbox", "router", "turn", "outbox"];
const openSets = ["channels", "dialects", "providers", "tools", "stores", "engines"];
const parts = [
  "system-clock.ts",
  "account-state.ts",
  "accounts.ts",
  "models.ts",
  "kinds.ts",
  "places.ts",
  "store-place.ts",
  "engine-place.ts",
  "membership.ts",
  "cluster.ts",
  "packages.ts",
  "gateway.ts",
];
const around = ["config", "vault", "access", "privacy", "knowledge", "ops", "plugins", "http", "cli"];

export const rooms: Readonly<Record<string, Room>> = {
  core: { may: [] },
  // the path: stages meet in gateway.ts, through arguments
  inbox: { may: ["core"] },
  router: { may: ["core"] },
  turn: { may: ["core"] },
  outbox: { may: ["core"] },
  // open sets
  channels: { may: ["core", "dialects", "wires"], apart: true },
  dialects: { may: ["core"] },
  // hosts the packages of AI SDK providers: each kind is a file in providers that says which package it is
  "ai-sdk": { may: ["core"] },
  // formats and protocols that kinds of providers, or of channels, speak
  wires: { may: ["core"] },
  providers: { may: ["core", "ai-sdk", "wires"], apart: true },
  tools: { may: ["core"], apart: true },
  // tools of other programs, through the Model Context Protocol
  mcp: { may: ["core"] },
  // the store's subjects, a file each, and the store they make: on whatever database
  tables: { may: ["core"] },
  stores: { may: ["core", "tables"], apart: true },
  engines: { may: ["core"] },
  // around
  // what the gateway says, in other languages than English
  languages: { may: ["core"] },
  catalogue: { may: ["core"] },
  config: { may: ["core"] },
  vault: { may: ["core", "config"] },
  access: { may: ["core", "config"] },
  privacy: { may: ["core", "config"] },
  knowledge: { may: ["core", "config"] },
  ops: { may: ["core", "config", "vault", "access"] },
  plugins: { may: ["core", "config", "vault", "access"] },
  http: { may: ["core", "config", "vault", "access", "privacy", "knowledge", "languages", "ops", "plugins"] },
  cli: { may: ["core", "config", "vault", "access", "privacy", "knowledge", "ops", "plugins"] },
  // files
  "plugin.ts": { may: ["core"] },
  "system-clock.ts": { may: ["core"] },
  "account-state.ts": { may: ["core", "vault"] },
  "accounts.ts": { may: ["core"] },
  "models.ts": { may: ["core", "catalogue", "mcp"] },
  "kinds.ts": { may: ["core", "config"] },
  "packages.ts": { may: ["core"] },
  "places.ts": { may: ["core", "config"] },
  // which of the stores is opened: loaded only then
  "store-place.ts": { may: ["core", "config", "moving", "places.ts", "stores"] },
  // several gateways on one store: each one's place among them, and what joins them
  "engine-place.ts": { may: ["core", "config", "engines"] },
  "membership.ts": { may: ["core"] },
  "cluster.ts": { may: ["core", "accounts.ts", "engine-place.ts", "engines", "membership.ts", "turn"] },
  // from a store in a file to one in a database, and back
  moving: { may: ["core", "stores"] },
  "gateway.ts": { may: ["core", "accounts.ts", ...path] },
  // the composition root: what a command line is made of, and what a running gateway is
  "start.ts": { may: ["core", ...parts, ...path, ...openSets, ...around] },
  "main.ts": { may: ["core", "mcp", "moving", "start.ts", ...parts, ...path, ...openSets, ...around] },
};
