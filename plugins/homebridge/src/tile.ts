import type { API, Characteristic, PlatformAccessory, Service } from "homebridge";
import { type AccessorySpec, identityOf, isSensor } from "./accessory-spec.ts";
import type { WantedAccessory } from "./exposure.ts";
import type { Memory } from "./standing.ts";

// HAP's own numbers: its constants are erased when types are stripped.
const categories = { switch: 8, sensor: 10 } as const;
const communicationFailure = -70402;

/** What Homebridge keeps of an accessory between starts. */
export interface TileContext {
  spec: AccessorySpec;
  memory: Memory;
}
export type TileAccessory = PlatformAccessory<TileContext>;

/** One accessory of ours in HomeKit. */
export class Tile {
  readonly accessory: TileAccessory;
  readonly #api: API;
  readonly #value: Characteristic;
  /** What HomeKit was last told or told us; undefined is No Response. */
  #shown: boolean | undefined;

  /** `flip` resolves when the engine was told; a rejection shows as No Response. */
  constructor(api: API, accessory: TileAccessory, flip: (tile: Tile, on: boolean) => Promise<void>) {
    this.accessory = accessory;
    this.#api = api;
    const { Service, Characteristic } = api.hap;
    const sensor = isSensor(this.spec);
    const service = this.#service(sensor ? Service.OccupancySensor : Service.Switch);
    this.#value = service.getCharacteristic(sensor ? Characteristic.OccupancyDetected : Characteristic.On);
    this.#value.onGet(() => {
      if (this.#shown === undefined) throw this.#noResponse();
      return this.#hapValue(this.#shown);
    });
    if (sensor) return;
    this.#value.onSet(async (value) => {
      this.#shown = value === true || value === 1;
      await flip(this, this.#shown).catch(() => {
        throw this.#noResponse();
      });
    });
  }

  /** A new accessory, not yet registered. */
  static create(api: API, { spec, name }: WantedAccessory, uuid: string): TileAccessory {
    const accessory = new api.platformAccessory<TileContext>(name, uuid, isSensor(spec) ? categories.sensor : categories.switch);
    accessory.context = { spec, memory: { standing: {}, said: null } };
    return accessory;
  }

  get spec(): AccessorySpec {
    return this.accessory.context.spec;
  }
  get context(): TileContext {
    return this.accessory.context;
  }

  /** Describes itself under this name. True when something is new. */
  describe(home: string, name: string, version: string): boolean {
    const { Service, Characteristic } = this.#api.hap;
    const { accessory } = this;
    const renamed = accessory.displayName !== name;
    if (renamed) {
      // Homebridge 1 has no updateDisplayName.
      accessory.displayName = name;
      accessory._associatedHAPAccessory.displayName = name;
    }
    accessory
      .getService(Service.AccessoryInformation)!
      .updateCharacteristic(Characteristic.Name, name)
      .updateCharacteristic(Characteristic.Manufacturer, "Network Personas")
      .updateCharacteristic(Characteristic.Model, models[this.spec.kind])
      .updateCharacteristic(Characteristic.SerialNumber, identityOf(home, this.spec))
      .updateCharacteristic(Characteristic.FirmwareRevision, version);
    const service = this.#service(isSensor(this.spec) ? Service.OccupancySensor : Service.Switch);
    service.displayName = name;
    service.updateCharacteristic(Characteristic.Name, name);
    return renamed;
  }

  /** Shows a value to everybody who has not seen it yet. */
  show(value: boolean | undefined): void {
    if (value === this.#shown) return;
    this.#shown = value;
    if (value === undefined) this.#value.updateValue(this.#noResponse());
    else this.#value.updateValue(this.#hapValue(value));
  }

  #hapValue(on: boolean): boolean | number {
    return isSensor(this.spec) ? Number(on) : on;
  }
  #service(kind: typeof Service.Switch | typeof Service.OccupancySensor): Service {
    return this.accessory.getService(kind) ?? this.accessory.addService(kind, this.accessory.displayName);
  }
  #noResponse(): Error {
    return new this.#api.hap.HapStatusError(communicationFailure);
  }
}

const models: Record<AccessorySpec["kind"], string> = {
  automatic: "Automatic switch",
  persona: "Persona switch",
  presence: "At home switch",
  active: "Active persona sensor",
  likely: "Likely persona sensor",
};
