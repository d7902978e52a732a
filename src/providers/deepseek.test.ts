import { providerContract } from "../../test/contract/provider.ts";
import deepseek from "./deepseek.ts";

providerContract(deepseek, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
});
