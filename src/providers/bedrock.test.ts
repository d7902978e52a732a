import { providerContract } from "../../test/contract/provider.ts";
import bedrock from "./bedrock.ts";

providerContract(bedrock, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/bedrock`, apiKey: key }),
  lacks: {
    ...{ audio: "its messages have none", nodone: "its last frames are the end", "tools+noindex": "calls always have their index" },
    ...{
      crlf: "frames have no lines",
      "bytes+crlf": "frames have no lines",
      comments: "frames have none",
      nousage: "its last frame always has it",
    },
    ...{ open: "the stream ends with the connection", spent: "its refusals have no code for it" },
  },
});
