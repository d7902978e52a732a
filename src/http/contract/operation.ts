import { z } from "zod";
import { get, post, put, remove } from "../endpoint.ts";
import * as account from "../schema/account.ts";
import { Done } from "../schema/common.ts";
import * as operation from "../schema/operation.ts";

/** Findings, agents, models, settings and secrets. */
export const operationGroup = {
  findings: get("/api/findings", "viewer", "What somebody should act on.", { answer: z.array(operation.Finding) }),
  notices: get("/api/notices", "viewer", "Where operators are told of findings.", { answer: z.array(operation.NoticePlace) }),
  testNotices: post("/api/notices/test", "operator", "Sends a test to each place where operators are told of findings.", {
    answer: z.array(operation.NoticeTest),
    status: 202,
  }),
  counts: get("/api/counts", "viewer", "Numbers for the front page.", { answer: operation.Counts }),
  agents: get("/api/agents", "viewer", "Configured agents.", { answer: z.array(account.Agent) }),
  agentPreview: get("/api/agents/{id}/preview", "viewer", "What a model reads before anything is said.", {
    query: account.PreviewQuery,
    answer: account.Preview,
  }),
  previewDraft: post("/api/agents/{id}/preview", "admin", "The same with settings of the agent that aren't saved.", {
    body: account.DraftPreview,
    answer: account.Preview,
  }),
  agentVersions: get("/api/agents/{id}/versions", "viewer", "What the agent was told and since when, the newest first.", {
    answer: z.array(account.AgentVersion),
  }),
  models: get("/api/models", "viewer", "The models that agents name, and whether they can be reached.", {
    answer: z.array(account.ModelHealth),
  }),
  tools: get("/api/tools", "viewer", "The tools of the MCP servers that are connected, and whether models are offered them.", {
    answer: z.array(operation.ServerTool),
  }),
  acceptTool: post("/api/tools/accept", "admin", "Lets models read what a tool says of itself now; `digest` is that of what you saw.", {
    body: operation.AcceptTool,
    answer: operation.ServerTool,
  }),
  knowledge: get("/api/knowledge", "viewer", "The documents that agents look things up in, and how much of them was read.", {
    answer: z.array(operation.KnowledgeSource),
  }),
  knowledgeSearch: get("/api/knowledge/search", "viewer", "The passages that an agent would be given for a question, the best first.", {
    query: operation.KnowledgeQuery,
    answer: z.array(operation.Passage),
  }),
  testModel: post("/api/models/test", "operator", "Asks a model for one word: a real call, which is billed like any other.", {
    body: account.TestModel,
    answer: account.ModelTest,
  }),
  providerKinds: get("/api/providers/kinds", "viewer", "Kinds of model APIs, with their forms.", {
    query: account.KindsQuery,
    answer: z.array(account.ProviderKind),
  }),
  providers: get("/api/providers", "viewer", "Configured model providers.", { answer: z.array(account.Provider) }),
  config: get("/api/config", "admin", "Every setting as it runs, where it comes from, secrets masked.", {
    answer: z.array(operation.Setting),
  }),
  configSchema: get(
    "/api/config/schema",
    "admin",
    "The JSON Schema of the configuration, without the settings of single channels and providers.",
    {
      answer: z.record(z.string(), z.unknown()),
    },
  ),
  putSetting: put(
    "/api/settings/{path}",
    "admin",
    "Sets one setting by its dotted path; it goes over the file and under the environment.",
    { body: operation.PutSetting, answer: Done },
  ),
  removeSetting: remove("/api/settings/{path}", "admin", "Takes a setting that was made here away again.", { answer: Done }),
  secrets: get("/api/secrets", "admin", "Names in the vault. What they hold never comes back.", { answer: z.array(operation.Secret) }),
  putSecret: put("/api/secrets/{name}", "admin", "Stores a secret in the vault.", { body: operation.PutSecret, answer: Done }),
  removeSecret: remove("/api/secrets/{name}", "admin", "Removes a secret from the vault.", { answer: Done }),
  openapi: get("/api/openapi.json", "viewer", "This description.", { answer: z.record(z.string(), z.unknown()) }),
};
