import { providerContract } from "../../test/contract/provider.ts";
import ollama from "./ollama.ts";

providerContract(ollama, {
  settings: ({ origin, key }) => ({ baseUrl: origin, apiKey: key, contextTokens: 8_192 }),
  lacks: {
    ...{
      cached: "it says nothing of its cache",
      audio: "its messages have none",
      filter: "it has none",
      comments: "lines of JSON have none",
    },
    ...{ nodone: "the last line is the end", "tools+noindex": "calls have no index", spent: "it bills nobody" },
    "quota-event": "an error in its stream is words only",
  },
});
