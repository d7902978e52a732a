import type { z } from "zod";
import { type Actor, actorName } from "../../access/actor.ts";
import { quotesMachine } from "../../config/unsaved.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { AgentId } from "../../core/ids.ts";
import type { Agent } from "../../core/route.ts";
import { say, Text } from "../../core/say.ts";
import type { Json } from "../../core/terms.ts";
import type { Speak } from "../../languages/speak.ts";
import { plannedSteps, previewOf } from "../../ops/agents.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import type { PreviewQuery } from "../schema/account.ts";
import { showFinding, showPlace, showTest } from "../views.ts";
import { refuseReference } from "./account-settings.ts";
import { draftedAgent } from "./playground.ts";

type Names =
  | "findings"
  | "notices"
  | "testNotices"
  | "counts"
  | "agents"
  | "agentPreview"
  | "previewDraft"
  | "agentVersions"
  | "knowledge"
  | "knowledgeSearch"
  | "config"
  | "configSchema"
  | "putSetting"
  | "removeSetting"
  | "secrets"
  | "putSecret"
  | "removeSecret"
  | "openapi";

export function operationOperations({ gateway, store, config, vault, notices, knowledge, version, clock }: HttpDoor): Operations<Names> {
  const { records } = store;

  function preview(agent: Agent, { tenant }: Actor, query: z.output<typeof PreviewQuery>) {
    const situation = { agent: agent.id, tenant, userId: query.user ?? "1", at: clock.now(), knowledge: agent.knowledge, ...query };
    const shown = previewOf(agent, situation);
    return { ...shown, examples: [...shown.examples] };
  }

  return {
    findings: async ({ speak }) => ok((await notices.findings()).map((one) => showFinding(one, speak))),
    notices: () => ok(notices.places().map(showPlace)),
    testNotices: async ({ actor, speak }) => {
      if (notices.places().length === 0) return fail("notices-unset", "nobody is to be told of findings");
      const tested = await notices.test(actorName(actor));
      return ok(tested.map((one) => showTest(one, speak)));
    },
    counts: async ({ actor }) => {
      const { conversations, messages, events, retrying, deliveries } = await records.counts(actor.tenant);
      const { running, waiting } = gateway.load();
      return ok({ conversations, messages, events, retrying, deliveries, load: { running, waiting } });
    },
    agents: () => {
      const agents = [...config.current().agents.values()];
      return ok(
        agents.map((agent) => {
          const { id, version, instructions, models, tools, limits, handTo, handFor } = agent;
          const knowledge = agent.knowledge.map(({ name }) => name);
          return { id, version, instructions, models, knowledge, tools, limits, steps: plannedSteps(agent), handTo, handFor };
        }),
      );
    },
    agentPreview: async ({ actor, params, query }) => {
      const agent = config.current().agents.get(params.id as AgentId);
      return agent ? ok(preview(agent, actor, query)) : fail("not-found", "there is no agent of this name");
    },
    previewDraft: async ({ actor, params, body: { draft, ...query } }) => {
      const agent = await draftedAgent(config, actor.role, params.id, draft);
      return agent.ok ? ok(preview(agent.value, actor, query)) : agent;
    },
    knowledge: () => ok(knowledge.list().map((source) => ({ ...source, skipped: [...source.skipped] }))),
    knowledgeSearch: async ({ actor: { tenant }, query: { question, source, limit } }) => {
      const sources = source === undefined ? [...config.current().knowledge.keys()] : [source];
      return ok([...(await knowledge.search({ tenant, sources, question, limit }))]);
    },
    agentVersions: async ({ actor, params }) => {
      const versions = await records.agentVersions(actor.tenant, params.id as AgentId);
      return ok(versions.map(({ version, at, told }) => ({ version, at, told })));
    },
    config: () => ok(config.explain()),
    configSchema: async ({ speak }) => {
      const { jsonSchema } = await import("../../config/json-schema.ts");
      return ok(spoken(jsonSchema([], []), speak));
    },
    putSetting: async ({ actor, params, body }) => {
      const value = body.value as Json | undefined;
      const secrets = config.explain(params.path).some(({ secret }) => secret);
      if (value === undefined) return fail("request-invalid", "value: missing");
      if (secrets && !isVaultReference(value)) return fail("request-invalid", say`${params.path} holds a secret: put it into the vault`);
      if (quotesMachine(value)) return refuseReference("value");
      return done(await config.set(params.path, value, actorName(actor)));
    },
    removeSetting: async ({ actor, params }) => {
      if (!(await records.settings(actor.tenant)).has(params.path)) return fail("not-found", "no such setting was made here");
      return done(await config.set(params.path, undefined, actorName(actor)));
    },
    secrets: async ({ actor }) => ok((await records.secrets(actor.tenant)).map(({ name, updatedAt }) => ({ name, updatedAt }))),
    putSecret: async ({ actor, params, body }) => {
      return done(await vault.write(params.name, body.value, actorName(actor)));
    },
    removeSecret: async ({ actor, params }) => {
      const removed = await vault.remove(params.name, actorName(actor));
      return removed ? ok({ ok: true }) : fail("not-found", "there is no secret with this name");
    },
    openapi: async () => {
      const { describeApi } = await import("../openapi.ts");
      return ok(describeApi(version));
    },
  };
}

/** With the descriptions of settings in the language of whoever asks. */
function spoken<Schema extends Json>(schema: Schema, speak: Speak): Schema {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "description" && typeof value === "string" ? speak(new Text(value)) : value,
  );
}

function isVaultReference(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && typeof value.vault === "string";
}

function done(result: Result<unknown>): Result<{ ok: true }> {
  return result.ok ? ok({ ok: true }) : result;
}
