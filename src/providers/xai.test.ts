import { providerContract } from "../../test/contract/provider.ts";
import xai from "./xai.ts";

providerContract(xai, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
  lacks: {
    audio: "its messages have no audio",
    open: "the package waits for the end of the body",
    "tools+noindex": "items come whole there",
  },
});
