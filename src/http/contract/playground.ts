import { post } from "../endpoint.ts";
import { Done } from "../schema/common.ts";
import { AllowTool, Play } from "../schema/playground.ts";

/** Agents, tried without a conversation. */
export const playgroundGroup = {
  play: post(
    "/api/playground",
    "operator",
    "Asks an agent, saved or as it is being changed, and streams its answer (server-sent events, `PlayEvent`): billed and limited like any other call, stored nowhere; whoever hangs up ends it.",
    { body: Play },
  ),
  allowTool: post(
    "/api/playground/tools",
    "operator",
    "The word on a tool that a trial of yours asks for: it runs once, with the arguments that were shown, or not.",
    {
      body: AllowTool,
      answer: Done,
    },
  ),
};
