import { hostedProvider } from "../ai-sdk/adapter.ts";

/** https://docs.mistral.ai/api */
export default hostedProvider({
  kind: "mistral",
  name: "Mistral",
  package: { name: "@ai-sdk/mistral", version: "4.0.87" },
  factory: "createMistral",
  baseUrl: "https://api.mistral.ai/v1",
  keyFrom: "console.mistral.ai",
  endMark: "data: [DONE]",
});
