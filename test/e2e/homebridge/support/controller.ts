import { generateKeyPairSync, randomUUID } from "node:crypto";
import { HttpClient } from "hap-controller";
import { type Bridge, pin } from "./homebridge.ts";
import { until } from "./wait.ts";

const types = { name: "23", on: "25", occupancy: "71" } as const;

export interface SeenAccessory {
  aid: number;
  name: string;
  /** Of the one value that matters: On of a switch, OccupancyDetected of a sensor. */
  id: string;
  kind: "switch" | "sensor";
  perms: string[];
}

/** An iPhone, as far as Homebridge can tell. */
export class Controller {
  readonly client: HttpClient;
  /** Events so far: name and value, in order. */
  readonly events: [name: string, value: boolean][] = [];
  #accessories: SeenAccessory[] = [];

  constructor(client: HttpClient) {
    this.client = client;
    client.on("event", (event: { characteristics: { aid: number; iid: number; value: unknown }[] }) => {
      for (const { aid, iid, value } of event.characteristics) {
        const accessory = this.#accessories.find(({ id }) => id === `${aid}.${iid}`);
        if (accessory) this.events.push([accessory.name, isOn(value)]);
      }
    });
  }

  /** Pairs by address and setup code, as the first controller of a bridge does. */
  static async pair(bridge: Bridge): Promise<Controller> {
    const client = open(bridge);
    await client.pairSetup(pin, 0);
    const controller = new Controller(client);
    await controller.look();
    return controller;
  }

  /** Lets somebody else in, as one shares a home. */
  async invite(bridge: Bridge): Promise<Controller> {
    const own = this.client.getLongTermData()!;
    const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
    const [secret, open_] = [Buffer.from(d!, "base64url"), Buffer.from(x!, "base64url")];
    const identifier = randomUUID();
    await this.client.addPairing(identifier, open_, true);
    const guest = new Controller(
      open(bridge, {
        ...own,
        iOSDevicePairingID: Buffer.from(identifier).toString("hex"),
        iOSDeviceLTPK: open_.toString("hex"),
        iOSDeviceLTSK: Buffer.concat([secret, open_]).toString("hex"),
      }),
    );
    await guest.look();
    return guest;
  }

  /** Reads what there is. */
  async look(): Promise<SeenAccessory[]> {
    const { accessories } = (await this.client.getAccessories()) as unknown as { accessories: Accessory[] };
    // Homebridge lists them in the order they were last saved.
    accessories.sort((a, b) => Number(a.aid) - Number(b.aid));
    this.#accessories = accessories.flatMap(({ aid, services }) => {
      const characteristics = services.flatMap((service) => service.characteristics);
      const value = characteristics.find(({ type }) => short(type) === types.on || short(type) === types.occupancy);
      if (!value) return [];
      const name = String(characteristics.find(({ type }) => short(type) === types.name)?.value);
      return [
        {
          aid: Number(aid),
          name,
          id: `${aid}.${value.iid}`,
          kind: short(value.type) === types.on ? ("switch" as const) : ("sensor" as const),
          perms: value.perms,
        },
      ];
    });
    return this.#accessories;
  }

  find(name: string): SeenAccessory {
    const found = this.#accessories.find((accessory) => accessory.name === name);
    if (!found) throw new Error(`there is no "${name}"; there are ${this.#accessories.map((a) => a.name).join(", ")}`);
    return found;
  }
  get accessories(): readonly SeenAccessory[] {
    return this.#accessories;
  }
  get names(): string[] {
    return this.#accessories.map(({ name }) => name);
  }

  /** A value, or HAP's status when there is none, as -70402 for "No Response". */
  async read(name: string): Promise<boolean | number> {
    return (await this.readAll())[name]!;
  }
  async readAll(): Promise<Record<string, boolean | number>> {
    const { characteristics } = (await this.client.getCharacteristics(this.#accessories.map(({ id }) => id))) as unknown as {
      characteristics: { aid: number; iid: number; value?: unknown; status?: number }[];
    };
    return Object.fromEntries(
      characteristics.map(({ aid, iid, value, status }) => {
        const { name } = this.#accessories.find(({ id }) => id === `${aid}.${iid}`)!;
        return [name, status ? status : isOn(value)];
      }),
    );
  }
  /** Names of the switches that are on. */
  async on(): Promise<string[]> {
    const all = await this.readAll();
    return Object.keys(all).filter((name) => all[name] === true && this.find(name).kind === "switch");
  }
  async set(name: string, value: boolean): Promise<unknown> {
    return this.client.setCharacteristics({ [this.find(name).id]: value });
  }
  /** Resolves when exactly these switches are on. */
  async shows(...names: string[]): Promise<void> {
    let seen: string[] = [];
    await until(
      names.join(", "),
      async () => {
        seen = await this.on();
        return JSON.stringify([...seen].sort()) === JSON.stringify([...names].sort()) || undefined;
      },
      () => `on are: ${seen.join(", ")}`,
    );
  }
  async subscribe(): Promise<void> {
    await this.client.subscribeCharacteristics(this.#accessories.map(({ id }) => id));
  }
  async unpair(): Promise<void> {
    await this.client.removePairing(this.client.getLongTermData()!.iOSDevicePairingID);
    await this.client.close();
  }
  close(): Promise<void> {
    return this.client.close();
  }
}

interface Accessory {
  aid: number | { toString(): string };
  services: { type: string; characteristics: { iid: number; type: string; value?: unknown; perms: string[] }[] }[];
}

const open = ({ username, port }: Bridge, pairing?: ConstructorParameters<typeof HttpClient>[3]) =>
  new HttpClient(username, "127.0.0.1", port, pairing, { usePersistentConnections: true });
const isOn = (value: unknown): boolean => value === true || value === 1;
/** "00000025-0000-1000-8000-0026BB765291" and "25" are the same type. */
const short = (type: string): string => type.split("-")[0]!.replace(/^0+/, "");
