import { type Clock, type Log, ReadBackMismatch, Rejected } from "@network-personas/engine/driver";
import { ownOf } from "./facts.ts";
import type { LiveView } from "./live.ts";
import type { Reader } from "./reader.ts";
import { describe, difference, idOf, type Operation, type OwnSection } from "./sections.ts";
import { type UbusCall, ubusStatus } from "./ubus.ts";

/** A change that waits for its confirmation. */
interface Pending {
  before: readonly OwnSection[];
  after: readonly OwnSection[];
  /** When the router undoes it by itself. */
  until: number;
}

/** procd re-arms its delay on every change: one that follows closer would postpone both. */
const leastGap = 1_000;
/** An apply that is verified and undone needs this much; less would be undone while we look. */
const leastTimeout = 15_000;
/** What the router's timer may be late. */
const margin = 500;

/** Writes our sections under the router's own dead man's switch. */
export class Changer {
  readonly #reader: Reader;
  readonly #live: LiveView;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #router: string;
  #pending: Pending | undefined;
  #landed = Number.NEGATIVE_INFINITY;

  constructor(reader: Reader, live: LiveView, context: { clock: Clock; log: Log; router: string }) {
    this.#reader = reader;
    this.#live = live;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#router = context.router;
  }

  /** Sections of ours as the router's files have them. */
  async current(): Promise<OwnSection[]> {
    return ownOf(await this.#reader.facts());
  }

  /** Brings our sections to `wanted` and resolves when that is in force. Unconfirmed, the router goes back. */
  async apply(wanted: readonly OwnSection[], confirmWithin: number): Promise<void> {
    const before = await this.current();
    const { operations } = difference(wanted, before);
    this.#pending = undefined;
    if (operations.length === 0) return this.#revive(wanted);
    await this.#clock.sleep(Math.max(0, this.#landed + leastGap - this.#clock.now()));
    await this.#stage(operations);
    if (!(await this.#reader.expectOnlyOwnStaged())) return this.#revive(wanted);
    const timeout = Math.ceil(Math.max(confirmWithin, leastTimeout) / 1000);
    this.#pending = { before, after: wanted, until: this.#clock.now() + timeout * 1000 };
    try {
      await this.#commit(timeout);
      const missing = await this.#live.settle(wanted, before);
      this.#landed = this.#clock.now();
      if (missing.length > 0) throw new ReadBackMismatch(missing, this.#where("uci apply"));
    } catch (error) {
      await this.rollback().catch((failure: unknown) =>
        this.#log.warn(`${this.#router}: could not undo at once, the router will by itself: ${String(failure)}`),
      );
      throw error;
    }
  }

  /** Keeps what was applied. Never before `apply` has seen it in force. */
  async confirm(): Promise<void> {
    const pending = this.#pending;
    const status = await this.#end("confirm");
    this.#pending = undefined;
    if (status === ubusStatus.ok || !pending) return;
    // The timer is gone: it ran out, or rpcd restarted and forgot it. The files tell which.
    const lost = unlike(pending.after, await this.current());
    if (lost.length > 0) throw new ReadBackMismatch(lost, this.#where("uci confirm: too late, the router has gone back"));
    this.#log.warn(`${this.#router}: the router lost its way back in the meantime; the change stays`);
  }

  /** Goes back to what was before the last unconfirmed change. Harmless when there is none. */
  async rollback(): Promise<void> {
    const pending = this.#pending;
    const status = await this.#end("rollback");
    // Somebody's apply waits: ours under a login that is gone (the router's timer ends it), or a stranger's.
    if (status === ubusStatus.permissionDenied && pending) await this.#clock.sleep(Math.max(0, pending.until - this.#clock.now()) + margin);
    const current = await this.current();
    this.#pending = undefined;
    // "Rolled back" is said, too, when somebody's apply without a way back took ours along.
    if (pending && unlike(pending.before, current).length > 0) return this.#restore(pending.before);
    if (status !== ubusStatus.ok && !pending) return;
    const missing = await this.#live.settle(current, pending?.after ?? []);
    this.#landed = this.#clock.now();
    if (missing.length > 0) throw new ReadBackMismatch(missing, this.#where("uci rollback"));
  }

  /** Ends the apply that waits: ok, noData when none does, permissionDenied when it is not of our login. */
  async #end(method: "confirm" | "rollback"): Promise<number> {
    const call: UbusCall = { object: "uci", method };
    const [reply] = await this.#reader.ubus.batch([call]);
    const { status } = reply!;
    if (status !== ubusStatus.noData && status !== ubusStatus.permissionDenied) this.#reader.ubus.expectOk(call, reply!);
    return status;
  }

  /** The router could not go back by itself (rpcd restarted, or somebody applied without a way back): write what was before. */
  async #restore(before: readonly OwnSection[]): Promise<void> {
    this.#log.warn(`${this.#router}: the router lost its way back; writing what was before`);
    await this.apply(before, leastTimeout * 2);
    await this.confirm();
  }

  /** Nothing to write; but a shaper whose change the router missed is started. */
  async #revive(wanted: readonly OwnSection[]): Promise<void> {
    const { shaper } = await this.#live.missing(wanted);
    if (shaper.length === 0) return;
    await this.#live.restartShaper();
    const missing = await this.#live.settle(wanted, []);
    if (missing.length > 0) throw new ReadBackMismatch(missing, this.#where("sqm restart"));
  }

  async #stage(operations: readonly Operation[]): Promise<void> {
    const calls = operations.map(callOf);
    try {
      const replies = await this.#reader.ubus.batch(calls, { keepLogin: true });
      for (const [i, reply] of replies.entries()) this.#reader.ubus.expectOk(calls[i]!, reply);
    } catch (error) {
      await this.#reader
        .dropStaged()
        .catch((failure: unknown) => this.#log.warn(`${this.#router}: staged changes stay until the login ends: ${String(failure)}`));
      throw error;
    }
  }

  async #commit(timeout: number): Promise<void> {
    // JSON true and nothing else: anything other is taken as "no way back".
    const call: UbusCall = { object: "uci", method: "apply", args: { rollback: true, timeout } };
    const [reply] = await this.#reader.ubus.batch([call], { keepLogin: true });
    if (reply!.status === ubusStatus.permissionDenied) {
      this.#pending = undefined;
      throw new Rejected(
        "another change at the router waits for its confirmation, or the account may not write one of the configurations",
        this.#where("uci apply"),
        { retryable: true },
      );
    }
    // Nothing to do after all: the values were there already.
    if (reply!.status === ubusStatus.noData) this.#pending = undefined;
    else this.#reader.ubus.expectOk(call, reply!);
  }

  #where = (request: string) => ({ router: this.#router, request });
}

function callOf(operation: Operation): UbusCall {
  const { config, name, type, options } = operation.section;
  if (operation.action === "delete") return { object: "uci", method: "delete", args: { config, section: name } };
  if (operation.action === "set") return { object: "uci", method: "set", args: { config, section: name, values: operation.values } };
  return { object: "uci", method: "add", args: { config, type, name, values: options } };
}

/** Sections of ours that differ, in words. */
function unlike(wanted: readonly OwnSection[], held: readonly OwnSection[]): string[] {
  const texts = new Map(held.map((s) => [idOf(s), describe(s)]));
  const names = new Set(wanted.map(idOf));
  return [
    ...wanted.filter((s) => texts.get(idOf(s)) !== describe(s)).map((s) => `${idOf(s)} is not as written`),
    ...held.filter((s) => !names.has(idOf(s))).map((s) => `${idOf(s)} is still there`),
  ];
}
