import { providerContract } from "../../test/contract/provider.ts";
import cohere from "./cohere.ts";

providerContract(cohere, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/cohere/v2`, apiKey: key }),
  lacks: {
    ...{
      cached: "it says nothing of its cache",
      audio: "its messages have none",
      filter: "it has none",
      nodone: "its last event is the end",
    },
    ...{
      "tools+noindex": "calls have no index",
      "quota-event": "an error in its stream has no reason",
      open: "the stream ends with the connection",
    },
    ...{ nousage: "its last event always has it", spent: "its refusals have words only, which say the same of a limit" },
  },
});
