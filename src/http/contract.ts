import { z } from "zod";
import { get, post, put, remove } from "./endpoint.ts";
import * as access from "./schema/access.ts";
import * as account from "./schema/account.ts";
import { Done, page } from "./schema/common.ts";
import * as cost from "./schema/cost.ts";
import * as message from "./schema/message.ts";
import * as operation from "./schema/operation.ts";

/**
 * The whole API: every operation, who may call it, what it takes and answers. The router, the OpenAPI description, the
 * web app's types, the check of roles and the sweep test all come from this table.
 */
export const groups = {
  access: {
    status: get("/api/status", "public", "Version, and whether there is an owner yet.", { answer: access.Status }),
    setup: post("/api/setup", "public", "Creates the owner with the one-time setup token, and signs in.", {
      body: access.Setup,
      answer: access.Me,
      status: 201,
    }),
    login: post("/api/login", "public", "Signs in: sets the login cookie.", { body: access.Login, answer: access.Me }),
    logout: post("/api/logout", "viewer", "Ends the login (or revokes the token) that asks.", { answer: Done }),
    me: get("/api/me", "viewer", "Who asks.", { answer: access.Me }),
    changePassword: put("/api/me/password", "viewer", "Changes the own password; ends all other logins.", {
      loginOnly: true,
      body: access.ChangePassword,
      answer: access.Me,
    }),
    tokens: get("/api/tokens", "viewer", "Own tokens that are valid; all of them for admins.", { answer: z.array(access.Token) }),
    makeToken: post("/api/tokens", "viewer", "Makes a token for a machine.", {
      loginOnly: true,
      body: access.NewToken,
      answer: access.MadeToken,
      status: 201,
    }),
    revokeToken: remove("/api/tokens/{id}", "viewer", "Revokes a token: an own one, or any for admins.", { answer: Done }),
    audit: get("/api/audit", "admin", "What operators and the gateway changed, newest first.", {
      query: z.strictObject(page),
      answer: z.array(access.AuditEntry),
    }),
    verifyAudit: get("/api/audit/verify", "admin", "Recomputes the audit log's chain of hashes.", { answer: access.AuditCheck }),
  },
  accounts: {
    channels: get("/api/channels", "viewer", "Kinds of platforms, with their forms, abilities and limits.", {
      answer: z.array(account.ChannelKind),
    }),
    accounts: get("/api/accounts", "viewer", "Configured accounts and how they are.", { answer: z.array(account.Account) }),
    addAccount: post("/api/accounts", "admin", "Adds an account; its secrets go to the vault.", {
      body: account.NewAccount,
      answer: account.Account,
      status: 201,
    }),
    probeAccount: post(
      "/api/accounts/probe",
      "admin",
      "Connects to the platform with settings that aren't saved, and says who we are there.",
      { body: account.ProbeAccount, answer: account.ProbeResult },
    ),
    account: get("/api/accounts/{id}", "viewer", "One account.", { answer: account.Account }),
    changeAccount: put("/api/accounts/{id}", "admin", "Replaces an account's settings; absent secrets stay.", {
      body: account.ChangeAccount,
      answer: account.Account,
    }),
    removeAccount: remove("/api/accounts/{id}", "admin", "Removes an account that was added in the app, and its secrets.", {
      answer: Done,
    }),
    pauseAccount: post("/api/accounts/{id}/pause", "operator", "Stops receiving and sending.", { answer: account.Account }),
    resumeAccount: post("/api/accounts/{id}/resume", "operator", "Takes up receiving and sending again.", { answer: account.Account }),
    pairings: get("/api/pairings", "viewer", "Who asks to be let in where `access.direct` is `pairing`, and who was.", {
      answer: z.array(account.Pairing),
    }),
    approvePairing: post("/api/pairings/approve", "operator", "Lets a sender in.", {
      body: account.SettlePairing,
      answer: account.Pairing,
    }),
    denyPairing: post("/api/pairings/deny", "operator", "Doesn't let a sender in, or not any more.", {
      body: account.SettlePairing,
      answer: account.Pairing,
    }),
    testAccount: post("/api/accounts/{id}/test", "operator", "Sends a test message to a chat of the platform.", {
      body: account.TestMessage,
      answer: message.SentMessage,
      status: 202,
    }),
  },
  messages: {
    stories: get("/api/stories", "viewer", "The message flow, newest first: one line per inbound event.", {
      query: z.strictObject({ ...page, account: z.string().max(63).optional(), state: message.EventState.optional() }),
      answer: z.array(message.Story),
    }),
    trace: get(
      "/api/traces/{id}",
      "viewer",
      "The whole story of a message, by our id of its event, message, turn or delivery, or by the platform's id.",
      { answer: message.Trace },
    ),
    conversations: get("/api/conversations", "viewer", "Conversations, the latest first.", {
      query: z.strictObject(page),
      answer: z.array(message.ConversationSummary),
    }),
    conversation: get("/api/conversations/{id}", "viewer", "One conversation.", { answer: message.Conversation }),
    messages: get("/api/conversations/{id}/messages", "viewer", "Its messages, newest first; `before` is a `seq`.", {
      query: z.strictObject(page),
      answer: z.array(message.StoredMessage),
    }),
    sendMessage: post("/api/conversations/{id}/messages", "operator", "Writes into the conversation as an operator.", {
      body: message.SendMessage,
      answer: message.SentMessage,
      status: 202,
    }),
    setControl: put("/api/conversations/{id}/control", "operator", "Hands the conversation to a human, back to the agent, or pauses it.", {
      body: message.SetControl,
      answer: message.Conversation,
    }),
    reactToMessage: post(
      "/api/messages/{id}/react",
      "operator",
      "Puts the account's reaction on a message on the platform, or takes it away.",
      {
        body: message.React,
        answer: Done,
      },
    ),
    takeBackMessage: post("/api/messages/{id}/take-back", "operator", "Takes a message of ours back: there, and from what agents know.", {
      answer: message.TakenBack,
    }),
    file: get("/api/messages/{message}/files/{id}", "viewer", "An attachment of a message, to be saved.", {
      media: "application/octet-stream",
    }),
    deliveries: get("/api/deliveries", "viewer", "Deliveries; `state` may list several with commas.", {
      query: z.strictObject({
        state: z.string().max(100).optional(),
        account: z.string().max(63).optional(),
        conversation: z.string().max(64).optional(),
        limit: page.limit,
      }),
      answer: z.array(message.Delivery),
    }),
    retryDeliveries: post("/api/deliveries/retry", "operator", "Sends unknown, failed or dead deliveries again.", {
      body: message.Settle,
      answer: z.array(message.Delivery),
    }),
    dropDeliveries: post("/api/deliveries/drop", "operator", "Takes waiting deliveries away for good.", {
      body: message.Settle,
      answer: z.array(message.Delivery),
    }),
    deadLetters: get("/api/dead", "viewer", "What both edges gave up, the last first.", {
      query: message.DeadQuery,
      answer: z.array(message.DeadLetter),
    }),
    deadLetter: get("/api/dead/{id}", "viewer", "One of them, with what was tried.", { answer: message.DeadStory }),
    retryDead: post(
      "/api/dead/retry",
      "operator",
      "Queues them again: those of `ids`, or all that a filter fits (without `states`: but for `unknown`, which may arrive twice).",
      { body: message.SettleDead, answer: message.SettledDead },
    ),
    discardDead: post("/api/dead/discard", "operator", "Takes them away for good; they stay in their traces.", {
      body: message.SettleDead,
      answer: message.SettledDead,
    }),
    events: get("/api/events", "viewer", "Live events (server-sent events; each one's data is a LiveEvent).", {
      query: z.strictObject({ lastEventId: z.string().max(64).optional() }),
    }),
  },
  cost: {
    cost: get("/api/cost", "viewer", "What models were used and what they cost, the most first.", {
      query: cost.CostQuery,
      answer: z.array(cost.CostRow),
    }),
    costForecast: get("/api/cost/forecast", "viewer", "What this month comes to in the end, as far as days before tell.", {
      query: cost.ForecastQuery,
      answer: cost.ForecastAnswer,
    }),
    costWhatIf: get("/api/cost/what-if", "viewer", "What the same traffic would cost on another model.", {
      query: cost.WhatIfQuery,
      answer: cost.WhatIf,
    }),
    costReplay: get("/api/cost/replay", "viewer", "What the calls of those days would have come to with and without the agents' `scale`.", {
      query: cost.ReplayQuery,
      answer: cost.Replay,
    }),
    budgets: get("/api/budgets", "viewer", "What may be spent, and what is.", { answer: z.array(cost.Budget) }),
    raiseBudget: post("/api/budgets/{id}/raise", "admin", "Allows more until the budget begins anew.", {
      body: cost.RaiseBudget,
      answer: Done,
    }),
  },
  operation: {
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
    providers: get("/api/providers", "viewer", "Configured model providers.", { answer: z.array(account.Provider) }),
    config: get("/api/config", "admin", "Every setting as it runs, where it comes from, secrets masked.", {
      answer: z.array(operation.Setting),
    }),
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
  },
};

export const contract = { ...groups.access, ...groups.accounts, ...groups.messages, ...groups.cost, ...groups.operation };

export type Contract = typeof contract;
export type OperationName = keyof Contract;
