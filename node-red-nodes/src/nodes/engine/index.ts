import type { Node, NodeAPI, NodeDef } from "node-red";
import { EngineConnection, type Opened } from "../../shared/connection.ts";
import { translated } from "../../shared/input.ts";
import { openEngine } from "../../shared/open-engine.ts";
import { mountPages } from "../../shared/pages-mount.ts";
import type { EngineNode } from "../../shared/persona-node.ts";
import { type SecretCredentials, secretCredentials, secretsOf } from "../../shared/secrets.ts";

interface EngineDef extends NodeDef {
  mode: "home" | "remote";
  home: string;
  url: string;
  /** Name per slot; the values are the credentials "secret1" and so on. */
  secretNames: readonly string[];
}

const permission = "persona-engine.read";
/** How engines are opened that were removed since the start: what they made on routers may still be wanted gone. */
const removedEngines = new Map<string, () => Promise<Opened>>();

/** The config node: one home, in this process or elsewhere. */
export default function (RED: NodeAPI): void {
  function PersonaEngine(this: Node<SecretCredentials>, settings: EngineDef) {
    RED.nodes.createNode(this, settings);
    const secrets = secretsOf(settings.secretNames ?? [], this.credentials ?? {});
    const log = {
      debug: (m: string) => this.debug(m),
      info: (m: string) => this.log(m),
      warn: (m: string) => this.warn(m),
      error: (m: string) => this.warn(m),
    };
    const open = () =>
      openEngine(
        settings.mode === "remote"
          ? { mode: "remote", url: settings.url ?? "", token: this.credentials?.token ?? "" }
          : { mode: "home", home: settings.home ?? "", userDir: RED.settings.userDir ?? ".", log, secrets },
      ).catch((error: unknown) => {
        throw translated(RED, error);
      });
    const connection = new EngineConnection(open, (why) => this.warn(why));
    (this as unknown as EngineNode).connection = connection;
    removedEngines.delete(this.id);
    this.on("close", (removed: boolean, done: () => void) => {
      if (removed) removedEngines.set(this.id, open);
      void connection.close().then(done, done);
    });
  }
  RED.nodes.registerType("persona-engine", PersonaEngine as never, { credentials: { token: { type: "password" }, ...secretCredentials } });

  mountPages(RED, {
    connectionOf: (id) => (RED.nodes.getNode(id) as EngineNode | null)?.connection,
    reopen: (id) => {
      const open = removedEngines.get(id);
      return open && new EngineConnection(open, (why) => RED.log.warn(why));
    },
  });

  // What the editor's pickers offer. Never settings or credentials.
  RED.httpAdmin.get("/network-personas/engines/:id/choices", RED.auth.needsPermission(permission), (request, response) => {
    const engine = RED.nodes.getNode(String(request.params.id)) as EngineNode | null;
    if (!engine?.connection) return void response.json({ status: "unknown" });
    const { status, why } = engine.connection.status;
    if (status !== "online") return void response.json({ status, why });
    engine.connection.ready().then(
      ({ directory }) =>
        response.json({
          status,
          home: engine.connection.state?.home.name,
          calendars: engine.connection.state?.calendars.map((c) => c.calendar),
          ...directory,
        }),
      (error: Error) => response.json({ status: "offline", why: error.message }),
    );
  });
}
