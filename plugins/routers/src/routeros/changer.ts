import { type DriverContext, ReadBackMismatch, Rejected } from "@network-personas/engine/driver";
import { z } from "zod";
import { StateFile } from "../shared/state-file.ts";
import { isCovering, leaseList, leaseTime } from "./leases.ts";
import { type MenuName, menuNames, menuOf } from "./menus.ts";
import type { Rest } from "./rest.ts";
import { closedLists, isClosedList } from "./rules.ts";
import { type Contents, commentOf, contentsOf, type Found, propsToRead, type Step, steps, Thing, unused } from "./things.ts";
import { type Switch, Tunnels } from "./tunnels.ts";
import { DeadMan, type Undo } from "./undo.ts";
import type { Row } from "./values.ts";

/** A change that waits for its confirmation. What it made and what it switched off the router itself tells. */
const Pending = z.strictObject({
  generation: z.number(),
  /** When the router goes back by itself; null when it cannot. Milliseconds since 1970. */
  until: z.number().nullable(),
  /** Confirmed, but what it replaced is not all removed yet. */
  confirmed: z.boolean(),
  wanted: z.array(Thing),
  /** Where it writes. */
  menus: z.array(z.enum(menuNames)),
  tunnels: z.array(z.string()),
  queues: z.array(z.strictObject({ name: z.string(), props: z.record(z.string(), z.string()) })),
  wireguard: z.array(z.strictObject({ name: z.string(), disabled: z.boolean(), comment: z.string() })),
});
type Pending = z.infer<typeof Pending>;
const Journal = z.strictObject({ version: z.literal(1), pending: Pending.nullable() });

/** Closer than this to its end a confirmation and the router's way back could cross. */
const margin = 2_000;
/** What a change needs to be written and looked at; less would be undone while we look. */
const leastTime = 15_000;

/** Writes what is ours, beside what was there before, so that the way back is short and always the same. */
export class Changer {
  readonly #rest: Rest;
  readonly #context: DriverContext;
  readonly #file: StateFile<typeof Journal>;
  readonly #deadMan: DeadMan;
  readonly tunnels: Tunnels;

  constructor(rest: Rest, context: DriverContext) {
    this.#rest = rest;
    this.#context = context;
    this.#file = new StateFile(context, "routeros.json", Journal);
    this.#deadMan = new DeadMan(rest, context.router);
    this.tunnels = new Tunnels(rest);
  }

  /** Everything of ours, menu by menu. */
  async contents(menus: readonly MenuName[] = menuNames): Promise<Map<string, Contents>> {
    const all = new Map<string, Contents>();
    for (const menu of menus) all.set(menu, contentsOf(menu, await this.#rows(menu)));
    return all;
  }

  /** Lists may hold tens of thousands of addresses that end, of whoever blocks them: those are not asked for. */
  async #rows(menu: MenuName): Promise<Row[]> {
    const props = propsToRead(menu);
    if (menuOf(menu).kind !== "listed") return this.#rest.list(menu, props);
    return [
      ...(await this.#rest.list(menu, props, { dynamic: "false" })),
      ...(await this.#rest.list(menu, props, { dynamic: "true", list: leaseList })),
    ];
  }

  /** What no change of ours waits for: things switched off, and a way back. Left over from one whose record is lost. */
  async leftovers(found: readonly Found[]): Promise<number> {
    if (await this.#pending()) return 0;
    return useless(found).length + ((await this.#deadMan.isArmed()) ? 1 : 0);
  }

  /** Brings what is ours to `wanted` and sees that the router holds it. With `deadMan` the router goes back unless confirmed in time. */
  async apply(wanted: readonly Thing[], tunnels: readonly string[], options: { confirmWithin: number; deadMan: boolean }): Promise<void> {
    const earlier = await this.#pending();
    if (earlier?.confirmed) await this.#finish();
    // Else it could run out while the rest is being written.
    if (wanted.some(isCovering)) await this.renew();
    let contents = await this.contents();
    // What is left over must not be switched on again by our way back; queues are changed in their place.
    const rules = useless(all(contents)).filter((one) => menuOf(one.menu).kind !== "patched");
    if (!earlier && (await this.#sweep(rules)) > 0) contents = await this.contents();
    const needed = steps(wanted, all(contents));
    const switches = await this.tunnels.switches(tunnels);
    if (needed.length === 0 && switches.length === 0) {
      if (!earlier) await this.#sweep(useless(all(contents)));
      if (!earlier) await this.#deadMan.remove();
      return;
    }
    const pending = this.#pendingOf(wanted, tunnels, needed, switches, all(contents), await this.#pending());
    const lasts = Math.ceil(Math.max(options.confirmWithin, leastTime) / 1000) * 1000;
    if (options.deadMan) pending.until = this.#context.clock.now() + lasts;
    await this.#file.save({ version: 1, pending });
    try {
      if (options.deadMan) await this.#deadMan.arm(undoOf(pending), lasts);
      await this.tunnels.carryOut(switches.filter((one) => !one.disabled));
      for (const step of needed) await this.#carryOut(step, contents, pending.generation);
      if (needed.some((step) => step.action === "retire" && learns(step.found))) await this.#forget();
      await this.tunnels.carryOut(switches.filter((one) => one.disabled));
      await this.#expect(pending);
    } catch (error) {
      await this.rollback().catch((failure: unknown) =>
        this.#context.log.warn(
          `${this.#context.router}: could not undo at once, ${options.deadMan ? "the router will by itself" : "the next rollback will"}: ${String(failure)}`,
        ),
      );
      throw error;
    }
  }

  /** Gives what runs out its full time again. What has run out stays so. */
  async renew(): Promise<void> {
    for (const menu of listMenus) {
      const { found } = contentsOf(menu, await this.#rest.list(menu, propsToRead(menu), { list: leaseList }));
      for (const { id } of found)
        await this.#rest.set(menu, id, { timeout: leaseTime }).catch((error: unknown) => {
          if (!(error instanceof Rejected && /no such item/.test(error.message))) throw error;
        });
    }
  }

  /** Keeps what was applied. @throws Rejected when the router has gone back already */
  async confirm(): Promise<void> {
    const pending = await this.#pending();
    if (!pending) return;
    if (!pending.confirmed) {
      if (pending.until !== null) await this.#disarm(pending, pending.until);
      await this.#file.save({ version: 1, pending: { ...pending, confirmed: true } });
    }
    await this.#finish();
  }

  /** Goes back to what was before the unconfirmed change, or ends one that was confirmed. Harmless when there is none. */
  async rollback(): Promise<void> {
    const pending = await this.#pending();
    if (!pending) return;
    if (pending.confirmed) return this.#finish();
    const found = await this.#ours(pending.menus);
    const made = found.filter((each) => each.generation === pending.generation);
    // What had run out before is switched on again, and must not hold once more.
    for (const one of made.filter(isCovering)) await this.#rest.remove(one.menu, one.id);
    for (const one of found.filter((each) => each.disabled && each.generation !== pending.generation))
      await this.#rest.set(one.menu, one.id, { disabled: "false" });
    for (const { name, props } of pending.queues) {
      const queue = found.find((one) => one.menu === "queue/tree" && one.props.name === name);
      if (queue) await this.#rest.set(queue.menu, queue.id, props);
    }
    for (const one of backwards(made.filter((each) => !isCovering(each)))) await this.#rest.remove(one.menu, one.id);
    if (made.some(learns)) await this.#forget();
    await this.tunnels.restore(pending.wireguard);
    for (const one of unused(await this.#ours(pending.menus))) await this.#rest.remove(one.menu, one.id);
    await this.#deadMan.remove();
    await this.#file.save({ version: 1, pending: null });
  }

  /** Removes everything of ours, at once: what leads into our rules first. */
  async release(): Promise<void> {
    await this.rollback();
    for (const one of backwards(await this.#ours())) await this.#rest.remove(one.menu, one.id);
    await this.#forget();
    await this.tunnels.carryOut(await this.tunnels.switches([]));
    await this.#deadMan.remove();
    const left = await this.#ours();
    if (left.length > 0)
      throw new ReadBackMismatch(
        left.map(({ menu, group }) => `${menu} still has "${group}"`),
        this.#where("release"),
      );
  }

  #pending = async (): Promise<Pending | null> => (await this.#file.load())?.pending ?? null;
  /** What refers to something is needed to tell whether that is in use. */
  #ours = async (menus: readonly MenuName[] = menuNames): Promise<Found[]> => {
    const alsoRead = [...referring, ...(leasing.some((menu) => menus.includes(menu)) ? leasing : [])];
    return all(await this.contents(menuNames.filter((menu) => menus.includes(menu) || alsoRead.includes(menu))));
  };
  #where = (request: string) => ({ router: this.#context.router, request });

  /** The note of a change; one on top of an unconfirmed one goes back to where that would. */
  #pendingOf(
    wanted: readonly Thing[],
    tunnels: readonly string[],
    needed: readonly Step[],
    switches: readonly Switch[],
    found: readonly Found[],
    unconfirmed: Pending | null,
  ): Pending {
    const generation = unconfirmed?.generation ?? 1 + Math.max(0, ...found.map((one) => one.generation));
    const queues = needed.flatMap((step) =>
      step.action === "set" && menuOf(step.found.menu).kind === "patched" && step.found.generation !== generation
        ? [{ name: step.props.name ?? "", props: { ...step.found.props, disabled: String(step.found.disabled) } }]
        : [],
    );
    return {
      generation,
      until: null,
      confirmed: false,
      wanted: [...wanted],
      menus: menuNames.filter((menu) => unconfirmed?.menus.includes(menu) || needed.some((step) => menuIn(step) === menu)),
      tunnels: [...tunnels],
      queues: merged(unconfirmed?.queues, queues),
      wireguard: merged(
        unconfirmed?.wireguard,
        switches.map(({ before }) => before),
      ),
    };
  }

  async #carryOut(step: Step, contents: ReadonlyMap<string, Contents>, generation: number): Promise<void> {
    if (step.action === "add") {
      const { menu, group, props } = step.thing;
      const anchor = step.ahead ? contents.get(menu)?.anchor : undefined;
      await this.#rest
        .add(menu, {
          ...props,
          ...(menu === "queue/type" ? {} : { comment: commentOf(group, step.index, generation) }),
          ...(isCovering(step.thing) ? { timeout: leaseTime } : {}),
          ...(anchor === undefined ? {} : { "place-before": anchor }),
        })
        .catch((error: unknown) => {
          // A request that arrived twice made it already; reading back tells whether it is as it should be.
          if (!(error instanceof Rejected && /already have/.test(error.message))) throw error;
        });
    } else if (step.action === "set") await this.#rest.set(step.found.menu, step.found.id, step.props);
    // What runs out cannot be switched off, and would end anyway.
    else if (isCovering(step.found)) await this.#rest.remove(step.found.menu, step.found.id);
    else await this.#rest.set(step.found.menu, step.found.id, { disabled: String(step.action === "retire") });
  }

  /** @throws ReadBackMismatch unless the router holds what the change wanted */
  async #expect({ wanted, menus, tunnels, generation }: Pending): Promise<void> {
    const here = wanted.filter((one) => menus.includes(one.menu));
    let left = steps(here, await this.#withoutTwins(menus, generation));
    if (left.length > 0) left = steps(here, all(await this.contents(menus)));
    const switches = await this.tunnels.switches(tunnels);
    const diff = [
      ...left.map((step) => `"${step.action === "add" ? step.thing.group : step.found.group}" is not as written`),
      ...switches.map(({ name, disabled }) => `the tunnel "${name}" is not ${disabled ? "down" : "up"}`),
    ];
    if (diff.length > 0) throw new ReadBackMismatch(diff, this.#where("read back"));
  }

  /** What is there. A request that arrived twice made two, of which one is removed. */
  async #withoutTwins(menus: readonly MenuName[], generation: number): Promise<Found[]> {
    const found = all(await this.contents(menus));
    const seen = new Set<string>();
    const twins = found.filter((one) => {
      if (one.generation !== generation || one.disabled) return false;
      const key = JSON.stringify([one.menu, one.group, one.props]);
      return seen.has(key) || !seen.add(key);
    });
    for (const one of twins) await this.#rest.remove(one.menu, one.id);
    return found.filter((one) => !twins.includes(one));
  }

  /** Takes the way back away. @throws Rejected when the router was quicker */
  async #disarm(pending: Pending, until: number): Promise<void> {
    const late = () => new Rejected("the change was undone before it was confirmed", this.#where("confirm"));
    if (this.#context.clock.now() > until - margin) {
      await this.rollback();
      throw late();
    }
    const removed = await this.#deadMan.remove();
    if (removed && this.#context.clock.now() < until - margin) return;
    // Taken by the router, or removed by a request whose answer got lost: what is there tells. What runs out, though, tells nothing.
    const lasting = pending.wanted.filter((one) => !isCovering(one));
    if (steps(lasting, await this.#ours()).length === 0) return;
    await this.rollback();
    throw late();
  }

  /** Addresses the router noted for devices that may be reached again; those of others are noted again with their next packet. */
  async #forget(): Promise<void> {
    for (const menu of listMenus)
      for (const list of Object.values(closedLists))
        for (const entry of await this.#rest.list(menu, [".id"], { list })) await this.#rest.remove(menu, entry[".id"] ?? "");
  }

  /** Removes what a confirmed change replaced. */
  async #finish(): Promise<void> {
    await this.#sweep(useless(await this.#ours((await this.#pending())?.menus)));
    await this.#file.save({ version: 1, pending: null });
  }

  /** @returns how many there were */
  async #sweep(gone: readonly Found[]): Promise<number> {
    for (const one of gone) await this.#rest.remove(one.menu, one.id);
    return gone.length;
  }
}

/** What refers to types of queues and tables of routes, with these. */
const referring: readonly MenuName[] = ["queue/type", "routing/table", "ip/route", "ipv6/route", "queue/tree"];
const listMenus = ["ip/firewall/address-list", "ipv6/firewall/address-list"] as const;
/** What runs out, with what refers to it. */
const leasing: readonly MenuName[] = [...listMenus, "ip/firewall/nat", "ipv6/firewall/nat", "ip/firewall/filter", "ipv6/firewall/filter"];
const menuIn = (step: Step): MenuName => (step.action === "add" ? step.thing : step.found).menu;
const learns = ({ props }: Thing): boolean => isClosedList(props["address-list"]);
const undoOf = ({ generation, queues, wireguard }: Pending): Undo => ({ generation, queues, tunnels: wireguard });

/** What is switched off, and what nothing refers to that is not. */
const useless = (found: readonly Found[]): Found[] => [
  ...backwards(found.filter((one) => one.disabled)),
  ...unused(found.filter((one) => !one.disabled)),
];

const all = (contents: ReadonlyMap<string, Contents>): Found[] => [...contents.values()].flatMap(({ found }) => found);

/** In the order in which nothing is removed that something else refers to. */
const backwards = (found: readonly Found[]): Found[] =>
  menuNames.toReversed().flatMap((menu) => found.filter((one) => one.menu === menu).toReversed());

/** How things were before the first of several changes. */
function merged<T extends { name: string }>(earlier: readonly T[] | undefined, later: readonly T[]): T[] {
  const known = new Set(earlier?.map(({ name }) => name));
  return [...(earlier ?? []), ...later.filter(({ name }) => !known.has(name))];
}
