import { hostedProvider } from "../ai-sdk/adapter.ts";

/** https://docs.cohere.com/v2/reference/chat-stream */
export default hostedProvider({
  kind: "cohere",
  name: "Cohere",
  package: { name: "@ai-sdk/cohere", version: "4.0.52" },
  factory: "createCohere",
  baseUrl: "https://api.cohere.com/v2",
  keyFrom: "dashboard.cohere.com",
  ends: { TIMEOUT: "interrupted" },
  // Only the first version of the API lists models: https://docs.cohere.com/reference/list-models
  modelsUrl: (baseUrl) => baseUrl.replace(/\/v2$/, "/v1/models"),
});
