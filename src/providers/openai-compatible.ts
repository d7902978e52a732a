import { z } from "zod";
import { secret } from "../core/secret.ts";
import { chatCompletionsProvider } from "../wires/chat-completions.ts";

export default chatCompletionsProvider({
  kind: "openai-compatible",
  name: "OpenAI-compatible",
  translations: {
    de: {
      name: "OpenAI-kompatibel",
      settings: {
        baseUrl: ["Adresse", "Wo /chat/completions ist, etwa http://127.0.0.1:11434/v1 bei Ollama"],
        apiKey: ["Schlüssel", "Der Schlüssel; Server auf der eigenen Maschine brauchen keinen"],
      },
    },
  },
  settings: z.strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default("https://api.openai.com/v1")
      .describe("Where /chat/completions is, e.g. http://127.0.0.1:11434/v1 for Ollama"),
    apiKey: secret("The key; local servers need none").optional(),
  }),
});
