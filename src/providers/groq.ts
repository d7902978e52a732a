import { hostedProvider } from "../ai-sdk/adapter.ts";

/** https://console.groq.com/docs/api-reference */
export default hostedProvider({
  kind: "groq",
  name: "Groq",
  package: { name: "@ai-sdk/groq", version: "4.0.84" },
  factory: "createGroq",
  baseUrl: "https://api.groq.com/openai/v1",
  keyFrom: "console.groq.com",
  endMark: "data: [DONE]",
});
