import { z } from "zod";
import { secret } from "../core/secret.ts";
import { chatCompletionsProvider } from "../wires/chat-completions.ts";

/** https://openrouter.ai/docs/api-reference/overview Its list of models is open to everybody, so that the key is asked about apart. */
export default chatCompletionsProvider({
  kind: "openrouter",
  name: "OpenRouter",
  keyPath: "key",
  translations: {
    de: {
      settings: {
        baseUrl: ["Adresse", "Wo die API ist"],
        apiKey: ["Schlüssel", "Der Schlüssel, von openrouter.ai/keys"],
      },
    },
  },
  settings: z.strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default("https://openrouter.ai/api/v1")
      .describe("Where the API is"),
    apiKey: secret("The key, from openrouter.ai/keys"),
  }),
});
