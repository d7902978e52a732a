import { providerContract } from "../../test/contract/provider.ts";
import mistral from "./mistral.ts";

providerContract(mistral, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/mistral/v1`, apiKey: key }),
  lacks: {
    audio: "its messages have no audio",
    "tools+noindex": "calls always have their index there",
    filter: "there is no such end there",
  },
});
