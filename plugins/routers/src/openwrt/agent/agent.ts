import { type DriverContext, ReadBackMismatch, Rejected, Unsupported } from "@network-personas/engine/driver";
import type { z } from "zod";
import type { Reader } from "../reader.ts";
import { agentObject } from "../rights.ts";
import { changesBetween } from "./changes.ts";
import { type Held, heldOf } from "./held.ts";
import { AgentAnswer, type AgentPlan, type AgentState, ConfirmAnswer } from "./wire.ts";

/** uhttpd refuses requests above 64 KiB. */
const largestPlan = 60_000;
/** The agent takes that much, seconds. */
const longestWait = 600;

/** Talks to the agent on the router: one call a change, with the state read back in its answer. */
export class Agent {
  readonly #reader: Reader;
  readonly #router: string;
  readonly #log: DriverContext["log"];
  #known: { login: number; present: boolean } | undefined;
  #seen: AgentState | undefined;
  /** The change that we applied and did not confirm. */
  #pending: string | undefined;

  constructor(reader: Reader, context: Pick<DriverContext, "router" | "log">) {
    this.#reader = reader;
    this.#router = context.router;
    this.#log = context.log;
  }

  /** Whether it is installed and we may use it; asked once per login, for rpcd forgets all logins when it finds a new agent. */
  async present(): Promise<boolean> {
    const may = await this.#reader.rights();
    const login = this.#reader.ubus.loginNumber;
    if (this.#known?.login !== login)
      this.#known = { login, present: may.has("ubus", agentObject, "apply") && (await this.#reader.ubus.objects(agentObject)).length > 0 };
    return this.#known.present;
  }

  state(): Promise<AgentState> {
    return this.#call("status");
  }

  /** What the router has to offer a plan: it changes with packages and interfaces only, and was read with the state to compare with. */
  async surroundings(): Promise<Pick<AgentState, "features" | "roots" | "queues">> {
    return this.#seen ?? this.state();
  }

  /** What of ours the router holds. */
  heldOf(state: AgentState): Held {
    try {
      return heldOf(state);
    } catch (cause) {
      throw new Rejected("nft or tc printed something that is none of their lists", {
        ...this.#where("status"),
        cause,
      });
    }
  }

  /** Brings the router to `wanted` and resolves when that was read back; null takes everything of ours away. Unconfirmed, the router goes back. */
  async apply(request: AgentPlan | null, wanted: Held, confirmWithin: number): Promise<void> {
    if (JSON.stringify(request).length > largestPlan)
      throw new Rejected("the plan has more devices than one request can carry", this.#where("apply"));
    const confirm_within = Math.min(longestWait, Math.max(1, Math.ceil(confirmWithin / 1000)));
    try {
      const after = await this.#call("apply", { ...(request === null ? { nothing: true } : { plan: request }), confirm_within });
      this.#pending = after.id;
      const left = changesBetween(this.heldOf(after), wanted, null);
      if (left.length > 0)
        throw new ReadBackMismatch(
          left.map((change) => `${change.target} is ${change.before ?? "absent"} instead of ${change.after ?? "absent"}`),
          this.#where("apply"),
        );
    } catch (error) {
      await this.rollback().catch((failure: unknown) =>
        this.#log.warn(`${this.#router}: could not undo at once, the router will by itself: ${String(failure)}`),
      );
      throw error;
    }
  }

  async confirm(): Promise<void> {
    const id = this.#pending;
    if (id === undefined) return;
    const after = await this.#ask(ConfirmAnswer, "confirm", { id });
    this.#pending = undefined;
    if ("error" in after)
      throw new ReadBackMismatch([`too late, the router has gone back (${after.error.message})`], this.#where("confirm"));
  }

  /** Goes back to what was confirmed last. Harmless when there is nothing. */
  async rollback(): Promise<void> {
    const after = await this.#call("rollback");
    this.#pending = undefined;
    if (after.pending !== null) throw new Rejected("the router still holds an unconfirmed change", this.#where("rollback"));
  }

  /** Gives what runs out its full time again; what has run out stays so. */
  async renew(): Promise<void> {
    await this.#call("renew");
  }

  async #call(method: string, args: Record<string, unknown> = {}): Promise<AgentState> {
    const answer = await this.#ask(AgentAnswer, method, args);
    if (!("error" in answer)) {
      if (!answer.features.json)
        throw new Unsupported(
          "read-back",
          "nft or tc of the router prints no JSON; install nftables-json and tc-full, or remove the agent",
          this.#where(method),
        );
      this.#seen = answer;
      return answer;
    }
    const { code, field, message } = answer.error;
    throw new Rejected(
      `the agent refused (${code}): ${field ? `${field}: ` : ""}${message}; nothing is left of the change`,
      this.#where(method),
    );
  }

  async #ask<S extends z.ZodType>(shape: S, method: string, args: Record<string, unknown>): Promise<z.output<S>> {
    return this.#reader.parse(shape, await this.#reader.ubus.call(agentObject, method, args), `${agentObject} ${method}`);
  }
  #where = (method: string) => ({ router: this.#router, request: `${agentObject} ${method}` });
}
