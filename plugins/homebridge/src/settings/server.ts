import { HomebridgePluginUiServer, RequestError } from "@homebridge/plugin-ui-utils";
import { createHome, look } from "./look.ts";
import { letIn, release, wayIn } from "./pages.ts";

/** Answers the settings page. Runs in a process of its own, started by the Homebridge UI. */
class SettingsServer extends HomebridgePluginUiServer {
  constructor() {
    super();
    const storage = this.homebridgeStoragePath ?? ".";
    this.onRequest("/look", (settings) => look(settings, storage).catch(refuse));
    this.onRequest("/create", (order) => createHome(order, storage).catch(refuse));
    this.onRequest("/pages", (order) => wayIn(order, storage).catch(refuse));
    this.onRequest("/let-in", (order) => letIn(order, storage).catch(refuse));
    this.onRequest("/release", (order) => release(order, storage).catch(refuse));
    this.ready();
  }
}

/** The page shows the message; `code` tells it what to offer. */
function refuse(error: Error & { code?: string }): never {
  throw new RequestError(error.message, { code: error.code ?? "" });
}

new SettingsServer();
