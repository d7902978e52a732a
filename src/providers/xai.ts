import { hostedProvider } from "../ai-sdk/adapter.ts";

/** Chat Completions of xAI: https://docs.x.ai/docs/api-reference */
export default hostedProvider({
  kind: "xai",
  name: "xAI",
  package: { name: "@ai-sdk/xai", version: "5.0.12" },
  factory: "createXai",
  baseUrl: "https://api.x.ai/v1",
  method: "chat",
  keyFrom: "console.x.ai",
  endMark: "data: [DONE]",
});
