import { providerContract } from "../../test/contract/provider.ts";
import google from "./google.ts";

providerContract(google, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1beta`, apiKey: key }),
  lacks: {
    open: "its stream has no last mark: its end is the end of the body",
    spent: "it says the same as when a limit is reached",
    "tools+noindex": "calls have no index there",
  },
});
