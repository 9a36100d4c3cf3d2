import { isDeepStrictEqual } from "node:util";
import type { SubjectState } from "@network-personas/engine/model";
import type { API, DynamicPlatformPlugin, Logging, PlatformAccessory, PlatformConfig } from "homebridge";
import { isConfigured, type PluginConfig, platformName, pluginName, readConfig } from "./config.ts";
import { EngineLink } from "./engine-link.ts";
import { type Directory, exposed } from "./exposure.ts";
import { Farewell } from "./farewell.ts";
import { Messages } from "./messages.ts";
import { openEngine } from "./open-engine.ts";
import { OrderDesk } from "./order-desk.ts";
import { remainsOf } from "./removal.ts";
import { due, type Memory, remember } from "./standing.ts";
import { expected, isOn, type Order, ordersOf } from "./switches.ts";
import { tellEngine } from "./tell-engine.ts";
import { Tile, type TileAccessory } from "./tile.ts";
import { version } from "./version.ts";

/** HomeKit waits ten seconds, and people less: from here on the switch answers, and shows what came of it later. Milliseconds. */
const patience = 2_000;
/** How often it is looked whether the time alone has changed something. Milliseconds. */
const tickEvery = 30_000;

/** One home in HomeKit: keeps accessories as the config wants them and as the engine says they are. */
export class PersonasPlatform implements DynamicPlatformPlugin {
  readonly #api: API;
  readonly #messages: Messages;
  readonly #tiles = new Map<string, Tile>();
  #config: PluginConfig | undefined;
  #link: EngineLink | undefined;
  readonly #desk = new OrderDesk((order) => this.#send(order));

  constructor(log: Logging, config: PlatformConfig, api: API) {
    this.#api = api;
    this.#messages = new Messages(log);
    api.on("didFinishLaunching", () => this.#launch(config));
  }

  configureAccessory(accessory: PlatformAccessory): void {
    this.#adopt(accessory as TileAccessory);
  }

  #launch(input: PlatformConfig): void {
    const read = readConfig(input);
    if ("problems" in read) this.#messages.badConfig(read.problems);
    else if (!isConfigured(read.config)) this.#messages.notConfigured();
    else this.#connect(read.config);
  }

  #connect(config: PluginConfig): void {
    this.#config = config;
    const link = new EngineLink(() => openEngine(config, this.#api.user.storagePath(), this.#messages.engineLog), {
      online: () => {
        this.#messages.online();
        this.#refresh();
      },
      offline: (why) => {
        this.#messages.offline(why);
        this.#refresh();
      },
      changed: (person, before) => {
        this.#messages.changed(person, before);
        this.#refresh();
      },
      directory: (directory) => this.#arrange(directory),
      failed: (error) => this.#messages.failed(error),
    });
    this.#link = link;
    const farewell = new Farewell({
      remains: () => remainsOf(this.#api.user.configPath()),
      ownEngine: () => (config.releaseOnRemoval ? link.ownEngine : undefined),
      messages: this.#messages,
    });
    const ticking = setInterval(() => {
      this.#tick();
      void farewell.say(false);
    }, tickEvery);
    this.#api.on("shutdown", () => {
      clearInterval(ticking);
      void farewell.say(true).finally(() => link.close());
    });
  }

  /** Brings the accessories in line with what the config wants and the engine knows. */
  #arrange(directory: Directory): void {
    const { wanted, unknown } = exposed(this.#config!, directory);
    this.#messages.unknown(unknown);
    this.#messages.directory(directory);
    const uuids = new Map(wanted.map((one) => [this.#api.hap.uuid.generate(one.identity), one]));
    const gone = [...this.#tiles].filter(([uuid]) => !uuids.has(uuid));
    for (const [uuid] of gone) this.#tiles.delete(uuid);
    if (gone.length > 0) {
      this.#api.unregisterPlatformAccessories(
        pluginName,
        platformName,
        gone.map(([, { accessory }]) => accessory),
      );
      this.#messages.removed(gone.map(([, { accessory }]) => accessory.displayName));
    }
    const fresh: Tile[] = [];
    const renamed: Tile[] = [];
    for (const [uuid, one] of uuids) {
      const known = this.#tiles.get(uuid);
      const tile = known ?? this.#adopt(Tile.create(this.#api, one, uuid));
      if (tile.describe(directory.home, one.name, version) && known) renamed.push(tile);
      if (!known) fresh.push(tile);
    }
    this.#refresh();
    if (fresh.length > 0) {
      this.#api.registerPlatformAccessories(
        pluginName,
        platformName,
        fresh.map(({ accessory }) => accessory),
      );
      this.#messages.added(fresh.map(({ accessory }) => accessory.displayName));
    }
    if (renamed.length > 0) {
      this.#keep(renamed);
      this.#messages.renamed(renamed.map(({ accessory }) => accessory.displayName));
    }
    this.#tick();
  }

  #adopt(accessory: TileAccessory): Tile {
    const tile = new Tile(this.#api, accessory, (flipped, on) => this.#flip(flipped, on));
    this.#tiles.set(accessory.UUID, tile);
    return tile;
  }

  /** Everybody as they are, or will be when all that was ordered is done. */
  get #people(): readonly SubjectState[] | undefined {
    const people = this.#link?.people;
    return people && this.#desk.foresee(people);
  }

  #refresh(): void {
    const people = this.#people;
    const moment = { now: Date.now(), soon: (this.#config?.likelyWithin ?? 0) * 60_000 };
    for (const tile of this.#tiles.values()) tile.show(people && isOn(tile.spec, people, moment));
  }

  async #flip(tile: Tile, on: boolean): Promise<void> {
    const people = this.#people;
    if (!people) throw new Error("the engine is away");
    const orders = ordersOf(tile.spec, on, people);
    const done = Promise.all(orders.map((order) => this.#give(order, tile))).finally(() => this.#refresh());
    // Other switches of the radio group go off now; one that asked for nothing springs back once HomeKit has its answer.
    setImmediate(() => this.#refresh());
    const late = new Promise<void>((resolve) => setTimeout(resolve, patience).unref());
    await Promise.race([done, late]);
  }

  /** Has an order carried out, and remembers it with the switch it came from. */
  async #give(order: Order, tile: Tile): Promise<void> {
    try {
      const receipt = await this.#desk.give(order);
      if (receipt === undefined) return;
      const lasts = order.kind === "hold" || this.#config?.forcedFor === 0;
      this.#remember(tile, remember(tile.context.memory, order, receipt.until, lasts, Date.now()));
    } catch (error) {
      this.#messages.refused(order, error);
      throw error;
    }
  }

  async #send(order: Order): Promise<{ until: string | null }> {
    const client = this.#link?.client;
    if (!client) throw new Error("the engine is away");
    const until = await tellEngine(client, order, this.#config?.forcedFor, Date.now());
    this.#link?.note(order.subject, (person) => expected(person, order, until));
    return { until };
  }

  /** What the time alone changes: what is soon, and what has to be said again. */
  #tick(): void {
    this.#refresh();
    const people = this.#people;
    if (!people) return;
    for (const tile of this.#tiles.values()) {
      const { orders, memory } = due(tile.context.memory, tile.spec.subject, people, Date.now());
      this.#remember(tile, memory);
      for (const order of orders) void this.#give(order, tile).catch(() => {});
    }
  }

  #remember(tile: Tile, memory: Memory): void {
    if (isDeepStrictEqual(memory, tile.context.memory)) return;
    tile.context.memory = memory;
    this.#keep([tile]);
  }

  #keep(tiles: readonly Tile[]): void {
    this.#api.updatePlatformAccessories(tiles.map(({ accessory }) => accessory));
  }
}
