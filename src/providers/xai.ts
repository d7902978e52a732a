import { hostedProvider } from "../ai-sdk/adapter.ts";

/** The Responses API of xAI: https://docs.x.ai/docs/api-reference */
export default hostedProvider({
  kind: "xai",
  name: "xAI",
  package: { name: "@ai-sdk/xai", version: "5.0.12" },
  factory: "createXai",
  baseUrl: "https://api.x.ai/v1",
  keyFrom: "console.x.ai",
});
