import { providerContract } from "../../test/contract/provider.ts";
import deepseek from "./deepseek.ts";

providerContract(deepseek, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/deepseek/v1`, apiKey: key }),
  lacks: { audio: "its messages have no audio", "tools+noindex": "calls always have their index there" },
});
