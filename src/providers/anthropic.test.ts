import { providerContract } from "../../test/contract/provider.ts";
import anthropic from "./anthropic.ts";

providerContract(anthropic, {
  settings: ({ origin, key }) => ({ baseUrl: origin, apiKey: key }),
  lacks: {
    audio: "its messages have no audio",
    nousage: "usage is part of every answer there",
    nodone: "an answer without message_stop was cut off",
    "tools+noindex": "blocks always have their index there",
  },
});
