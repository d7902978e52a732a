import { providerContract } from "../../test/contract/provider.ts";
import groq from "./groq.ts";

providerContract(groq, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/groq/v1`, apiKey: key }),
  lacks: { audio: "its messages have no audio", "tools+noindex": "calls always have their index there" },
});
