import { z } from "zod";
import { secret } from "../core/secret.ts";
import { chatCompletionsProvider } from "../wires/chat-completions.ts";

/**
 * Azure OpenAI by its v1 API, which needs no api-version: a model's name is that of its deployment.
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export default chatCompletionsProvider({
  kind: "azure",
  name: "Azure OpenAI",
  keyHeader: "api-key",
  translations: {
    de: {
      settings: {
        baseUrl: ["Adresse", "Die Adresse der Ressource mit /openai/v1, etwa https://my-resource.openai.azure.com/openai/v1"],
        apiKey: ["Schlüssel", "Ein Schlüssel der Ressource"],
      },
    },
  },
  settings: z.strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .describe("The resource's address with /openai/v1, e.g. https://my-resource.openai.azure.com/openai/v1"),
    apiKey: secret("A key of the resource"),
  }),
});
