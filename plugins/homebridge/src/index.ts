import type { API } from "homebridge";
import { platformName, pluginName } from "./config.ts";
import { PersonasPlatform } from "./platform.ts";

// biome-ignore lint/style/noDefaultExport: Homebridge calls the default export.
export default (api: API): void => api.registerPlatform(pluginName, platformName, PersonasPlatform);
