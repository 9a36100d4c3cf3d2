import { HomebridgePluginUiServer, RequestError } from "@homebridge/plugin-ui-utils";
import type { SentenceLanguage } from "@network-personas/engine/model";
import { inWords } from "../problem.ts";
import { type Asked, languageOf } from "./ask-engine.ts";
import { createHome, look } from "./look.ts";
import { letIn, release, wayIn } from "./pages.ts";

/** Answers the settings page. Runs in a process of its own, started by the Homebridge UI. */
class SettingsServer extends HomebridgePluginUiServer {
  constructor() {
    super();
    const storage = this.homebridgeStoragePath ?? ".";
    for (const [path, answer] of Object.entries({ look, create: createHome, pages: wayIn, "let-in": letIn, release }))
      this.onRequest(`/${path}`, (asked: Asked) => answer(asked, storage).catch((error) => refuse(error, languageOf(asked))));
    this.ready();
  }
}

/** The page shows the message; `code` tells it what to offer. */
function refuse(error: Error & { code?: string }, language: SentenceLanguage): never {
  throw new RequestError(inWords(error, language), { code: error.code ?? "" });
}

new SettingsServer();
