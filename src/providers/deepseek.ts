import { hostedProvider } from "../ai-sdk/adapter.ts";

/** https://api-docs.deepseek.com */
export default hostedProvider({
  kind: "deepseek",
  name: "DeepSeek",
  package: { name: "@ai-sdk/deepseek", version: "3.0.56" },
  factory: "createDeepSeek",
  baseUrl: "https://api.deepseek.com",
  keyFrom: "platform.deepseek.com",
  endMark: "data: [DONE]",
});
