import { providerContract } from "../../test/contract/provider.ts";
import openrouter from "./openrouter.ts";

providerContract(openrouter, { settings: ({ origin, key }) => ({ baseUrl: `${origin}/router/v1`, apiKey: key }) });
