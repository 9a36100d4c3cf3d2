import type { OpenWrtEmulator } from "./index.ts";

const anonymous = "0".repeat(32);

/** Another program at the same router, e.g. LuCI: raw calls, answers as they come. */
export class Admin {
  readonly #url: string;
  token = anonymous;

  constructor(emulator: Pick<OpenWrtEmulator, "url">) {
    this.#url = `${emulator.url}/ubus`;
  }

  /** Logs in; as the emulator's administrator unless told otherwise. */
  static async of(emulator: OpenWrtEmulator, username = "super", password = "super-pw"): Promise<Admin> {
    const admin = new Admin(emulator);
    const [status, data] = (await admin.call("session", "login", { username, password })) as [number, { ubus_rpc_session: string }];
    if (status !== 0) throw new Error(`login of ${username} failed: ${status}`);
    admin.token = data.ubus_rpc_session;
    return admin;
  }

  async post(body: unknown): Promise<unknown> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { connection: "close" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return response.json();
  }

  /** `result` of one call, or its JSON-RPC error code. */
  async call(object: string, method: string, args: Record<string, unknown> = {}): Promise<unknown> {
    const answer = (await this.post({ jsonrpc: "2.0", id: 1, method: "call", params: [this.token, object, method, args] })) as {
      result?: unknown;
      error?: { code: number };
    };
    return answer.result ?? answer.error?.code;
  }
}
