import type { AgentId } from "../../src/core/ids.ts";
import type { Agent } from "../../src/core/route.ts";
import { noSteps } from "../../src/core/step.ts";

/** An agent that has nothing but what the test gives it. */
export function agentOf(more: Partial<Agent> = {}): Agent {
  return {
    ...{
      id: "main" as AgentId,
      version: "1",
      instructions: "",
      examples: [],
      style: {},
      models: ["test/model"],
      scale: [],
      tools: [],
      knowledge: [],
      approve: [],
      commands: [],
      steps: noSteps,
      handTo: [],
      handFor: "turn",
      handover: { wanted: () => undefined, returnAfterMs: 0, ask: "" },
    },
    ...{ describe: [], transcribe: [], summarise: [], embed: [], whenWithheld: "next" },
    whenDown: { cacheHours: 0, similarity: 0.92, keepHours: 0 },
    limits: { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 30_000 },
    ...more,
  };
}
