import { providerContract } from "../../test/contract/provider.ts";
import openaiResponses from "./openai-responses.ts";

providerContract(openaiResponses, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
  lacks: { audio: "its messages have no audio", "tools+noindex": "items come whole there" },
});
