import { type DriverContext, ReadBackMismatch, Rejected } from "@network-personas/engine/driver";
import { z } from "zod";
import { StateFile } from "../shared/state-file.ts";
import { addressOf, bits, type Host, idOf, type Mark, marksOf, sorted, without } from "./hosts.ts";
import { services, type Tr064 } from "./tr064.ts";

export const MarkSchema = z.strictObject({ mac: z.string(), bit: z.enum(bits) });

/** What is ours on a FRITZ!Box, which has no room to say so itself. Each mark was set by us where it was not set before. */
const Ledger = z.strictObject({
  version: z.literal(1),
  /** Set by us, or about to be: written before the box is told. */
  ours: z.array(MarkSchema),
  /** A change that waits for its confirmation, with what we held before. */
  pending: z.strictObject({ before: z.array(MarkSchema) }).nullable(),
});
type Ledger = z.infer<typeof Ledger>;

/** FRITZ!OS puts a block in force within about half a minute. */
const patience = 35_000;
const lookEvery = 2_000;

/** Sets and clears bits of devices, and knows which of them are ours. */
export class Changer {
  readonly #tr064: Tr064;
  readonly #hosts: () => Promise<Host[]>;
  readonly #context: DriverContext;
  readonly #file: StateFile<typeof Ledger>;

  constructor(tr064: Tr064, hosts: () => Promise<Host[]>, context: DriverContext) {
    this.#tr064 = tr064;
    this.#hosts = hosts;
    this.#context = context;
    this.#file = new StateFile(context, "fritzbox.json", Ledger);
  }

  /** Marks of ours the box really holds. */
  async held(hosts: readonly Host[]): Promise<Mark[]> {
    const { ours } = await this.#ledger();
    const set = new Set(marksOf(hosts).map(idOf));
    return sorted(ours.filter((mark) => set.has(idOf(mark))));
  }

  /** Brings our marks to `wanted` and resolves when they are in force. */
  async apply(wanted: readonly Mark[]): Promise<void> {
    const hosts = await this.#hosts();
    const held = await this.held(hosts);
    const { pending } = await this.#ledger();
    const before = pending?.before ?? held;
    try {
      await this.#bring(wanted, { hosts, held, pending: { before } });
    } catch (error) {
      await this.rollback().catch((failure: unknown) =>
        this.#context.log.warn(`${this.#context.router}: could not undo at once, the next rollback will: ${String(failure)}`),
      );
      throw error;
    }
  }

  async confirm(): Promise<void> {
    const ledger = await this.#ledger();
    if (ledger.pending) await this.#file.save({ ...ledger, pending: null });
  }

  async rollback(): Promise<void> {
    const { pending } = await this.#ledger();
    if (!pending) return;
    const hosts = await this.#hosts();
    await this.#bring(pending.before, { hosts, held: await this.held(hosts), pending });
    await this.confirm();
  }

  async #ledger(): Promise<Ledger> {
    return (await this.#file.load()) ?? { version: 1, ours: [], pending: null };
  }

  async #bring(wanted: readonly Mark[], from: { hosts: Host[]; held: Mark[]; pending: Ledger["pending"] }): Promise<void> {
    const { hosts, held, pending } = from;
    // What its owner has set stays his.
    const set = without(wanted, marksOf(hosts)).filter((mark) => hosts.some((host) => host.mac === mark.mac));
    const clear = without(held, wanted);
    const keep = [...without(held, clear), ...set];
    await this.#file.save({ version: 1, ours: sorted([...held, ...set]), pending });
    const told: string[] = [];
    for (const mark of clear) told.push(await this.#write(mark, false, hosts));
    for (const mark of set) told.push(await this.#write(mark, true, hosts));
    if (told.length > 0) await this.#settle({ before: hosts, set, clear, told });
    await this.#file.save({ version: 1, ours: sorted(keep), pending });
  }

  async #write({ mac, bit }: Mark, on: boolean, hosts: readonly Host[]): Promise<string> {
    const host = hosts.find((one) => one.mac === mac)!;
    const address = addressOf(host, hosts);
    if (address === undefined)
      throw new Rejected(
        `"${host.name || mac}" has no IPv4 address of its own now, and FRITZ!OS takes orders by address only; let the device connect once, or change it under Internet > Filters`,
        { router: this.#context.router, request: `${bit} ${on ? "on" : "off"}` },
        { retryable: true },
      );
    await this.#tell(bit, address, on);
    return address;
  }

  async #tell(bit: Mark["bit"], address: string, on: boolean): Promise<void> {
    const value = on ? "1" : "0";
    if (bit === "blocked")
      await this.#tr064.call(services.filter, "DisallowWANAccessByIP", { NewIPv4Address: address, NewDisallow: value });
    else await this.#tr064.call(services.hosts, "X_AVM-DE_SetPrioritizationByIP", { NewIPAddress: address, "NewX_AVM-DE_Priority": value });
  }

  /** Waits until the box holds what it was told, and undoes what an address that changed hands brought upon another device. */
  async #settle(written: { before: Host[]; set: Mark[]; clear: Mark[]; told: string[] }): Promise<void> {
    const until = this.#context.clock.now() + patience;
    for (;;) {
      const hosts = await this.#hosts();
      const missing = missed(hosts, written);
      if (missing.length === 0) return;
      if (await this.#undoStrays(hosts, written)) throw this.#mismatch(missing);
      if (this.#context.clock.now() >= until) throw this.#mismatch(missing);
      await this.#context.clock.sleep(lookEvery);
    }
  }

  async #undoStrays(
    hosts: readonly Host[],
    { before, set, clear, told }: { before: Host[]; set: Mark[]; clear: Mark[]; told: string[] },
  ): Promise<boolean> {
    const was = marksOf(before);
    const is = marksOf(hosts);
    const stray = (marks: readonly Mark[], meant: readonly Mark[]) =>
      without(marks, meant).filter(({ mac }) => told.includes(hosts.find((host) => host.mac === mac)?.ipv4 ?? ""));
    const [added, removed] = [stray(without(is, was), set), stray(without(was, is), clear)];
    for (const mark of added) await this.#write(mark, false, hosts);
    for (const mark of removed) await this.#write(mark, true, hosts);
    return added.length + removed.length > 0;
  }

  #mismatch = (missing: readonly string[]) =>
    new ReadBackMismatch(missing, { router: this.#context.router, request: "X_AVM-DE_GetHostListPath" });
}

/** What of an order is not in force, in words. */
function missed(hosts: readonly Host[], { set, clear }: { set: readonly Mark[]; clear: readonly Mark[] }): string[] {
  const find = ({ mac }: Mark) => hosts.find((host) => host.mac === mac);
  const nameOf = (mark: Mark) => find(mark)?.name || mark.mac;
  return [
    ...set.flatMap((mark) => {
      const host = find(mark);
      if (!host?.[mark.bit]) return [`"${nameOf(mark)}" is not ${mark.bit}`];
      // Some boxes accept a block that an access profile then overrules.
      if (mark.bit === "blocked" && host.active && host.access === "granted")
        return [`"${nameOf(mark)}" still reaches the internet; an access profile under Internet > Filters may be in the way`];
      return [];
    }),
    ...clear.filter((mark) => find(mark)?.[mark.bit]).map((mark) => `"${nameOf(mark)}" is still ${mark.bit}`),
  ];
}
