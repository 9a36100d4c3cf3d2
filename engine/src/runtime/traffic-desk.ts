import type { PersonaSet } from "@network-personas/personas";
import { Unsupported } from "../driver/errors.ts";
import type { Clock } from "../driver/port.ts";
import type { Belief, Capabilities, Home, LineState, ObservedActivity, SignalInput } from "../model/index.ts";
import { type LineProbe, LineWatch } from "./line-watch.ts";
import type { RouterDesk } from "./router-desk.ts";
import { TrafficWatch } from "./traffic-watch.ts";

/** What of the household the desk needs, as it is at each look. */
export interface TrafficDeskOptions {
  clock: Clock;
  probe: LineProbe;
  home(): Home;
  personas(): PersonaSet;
  belief(): Belief;
  routers(): readonly RouterDesk[];
  submit(signals: readonly SignalInput[]): Promise<unknown>;
  onActivity(change: { device: string; activity: ObservedActivity | null }): void;
  /** Plans are made with another rate from now on. */
  onLine(line: LineState): void;
}

/** Looks at what every router shows of the home's traffic, each as often as it bears. */
export class TrafficDesk {
  readonly #o: TrafficDeskOptions;
  readonly #watches = new Map<string, TrafficWatch>();
  readonly #askedAt = new Map<string, number>();
  readonly #line: LineWatch;

  constructor(options: TrafficDeskOptions) {
    this.#o = options;
    this.#line = new LineWatch(options.home().wan, options.probe, options.clock);
  }

  /** What devices are recognised doing; undefined when no router shows what devices carry, or none could for a while. */
  get activities(): readonly ObservedActivity[] | undefined {
    const able = this.#o.routers().filter((router) => showsDevices(router.capabilities()));
    const at = new Date(this.#o.clock.now()).toISOString();
    const known = able.flatMap(({ id }) => {
      const watch = this.#watches.get(id);
      const seen = watch ? watch.activitiesAt(at) : [];
      return seen ? [seen] : [];
    });
    return known.length === 0 ? undefined : known.flat();
  }
  get line(): LineState | undefined {
    return this.#line.state;
  }
  /** The home with its line as it was learned. */
  withLine(home: Home): Home {
    this.#line.restate(home.wan);
    const { down, up } = this.#line.inForce;
    return down === home.wan.down && up === home.wan.up ? home : { ...home, wan: { ...home.wan, down, up } };
  }

  /** Other routers may be there from now on. */
  forget(): void {
    this.#watches.clear();
    this.#askedAt.clear();
  }

  /** One look at every router that is due. */
  async look(): Promise<void> {
    await Promise.all(
      this.#o.routers().map(async (router, index) => {
        try {
          // The line is the first router's: where there are several, the others sit behind it.
          await this.#lookAt(router, index === 0);
        } catch (error) {
          // What it cannot tell now is unknown; the router itself is well.
          if (error instanceof Unsupported) return;
          router.noteFailure(error);
          const standing = this.#watches.get(router.id)?.standing(new Date(this.#o.clock.now()).toISOString()) ?? [];
          if (standing.length > 0) await this.#o.submit(standing);
        }
      }),
    );
  }

  async #lookAt(router: RouterDesk, hasLine: boolean): Promise<void> {
    const can = router.capabilities();
    const flows = this.#isDue(`${router.id} flows`, can.flows?.everyMs) ? await router.flows() : undefined;
    const counted = (hasLine || (!can.flows && can.counters?.perDevice)) && this.#isDue(`${router.id} counters`, can.counters?.everyMs);
    const counters = counted ? await router.counters() : undefined;
    // A router that shows connections needs no totals.
    const traffic = flows ? { flows } : counters && !can.flows && can.counters?.perDevice ? { counters } : undefined;
    if (traffic) await this.#tell(router.id, traffic);
    if (hasLine && counters && (await this.#line.look(counters)) && this.#line.state) this.#o.onLine(this.#line.state);
  }

  #isDue(what: string, every: number | undefined): boolean {
    const now = this.#o.clock.now();
    if (every === undefined || now - (this.#askedAt.get(what) ?? Number.NEGATIVE_INFINITY) < every) return false;
    this.#askedAt.set(what, now);
    return true;
  }

  async #tell(router: string, traffic: Parameters<TrafficWatch["look"]>[0]): Promise<void> {
    const { subjects } = this.#o.belief();
    const home = this.#o.home();
    const people = home.people.map(({ id }) => id);
    const watch = this.#watches.get(router) ?? new TrafficWatch(router);
    this.#watches.set(router, watch);
    const { signals, changed } = watch.look(traffic, {
      home,
      personas: this.#o.personas(),
      atHome: new Set(people.filter((id) => subjects.get(id)?.place === "home")),
      overridden: new Set(people.filter((id) => subjects.get(id)?.override)),
      at: new Date(this.#o.clock.now()).toISOString(),
    });
    for (const change of changed) this.#o.onActivity(change);
    if (signals.length > 0) await this.#o.submit(signals);
  }
}

const showsDevices = ({ flows, counters }: Capabilities): boolean => flows !== undefined || counters?.perDevice === true;
