import { HomebridgePluginUiServer, RequestError } from "@homebridge/plugin-ui-utils";
import { look } from "./look.ts";

/** Answers the settings page. Runs in a process of its own, started by the Homebridge UI. */
class SettingsServer extends HomebridgePluginUiServer {
  constructor() {
    super();
    this.onRequest("/look", (settings) =>
      look(settings, this.homebridgeStoragePath ?? ".").catch((error: Error) => {
        throw new RequestError(error.message, {});
      }),
    );
    this.ready();
  }
}

new SettingsServer();
