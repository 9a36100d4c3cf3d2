import type { RouterClients } from "../../model/index.ts";
import { call } from "../connection.ts";
import { answered, type DeskHost } from "./desk.ts";
import { assignmentsIn } from "./devices.ts";
import { newPerson, withDevices, withPeople } from "./edits.ts";
import { type Actions, Wrong } from "./state.ts";

/** Says who lives here, and whose each device is. */
export class DevicesDesk {
  readonly #host: DeskHost;
  constructor(host: DeskHost) {
    this.#host = host;
  }

  readonly actions: Actions = {
    "setup-person": ["person", () => this.#addTyped()],
    "setup-suggested": ["person", ({ name }) => this.#add(name!)],
    "setup-remove-person": ["person", ({ person }) => this.#remove(person!)],
    "setup-clients": ["devices", () => this.ask()],
    "setup-devices": ["devices", () => this.#save()],
  };

  /** Asks every router who is there. */
  async ask(): Promise<void> {
    this.#host.setup.clients = await call<RouterClients[]>("GET", "v1/clients");
  }

  #addTyped(): void {
    const { setup, words } = this.#host;
    const name = answered(setup, "person.name");
    if (name === "") throw new Wrong(words().say("needName"), "person.name");
    this.#add(name);
    setup.answers["person.name"] = "";
  }

  #add(name: string): void {
    const { setup, words } = this.#host;
    if (setup.people.some((p) => (p.name ?? p.id).toLowerCase() === name.toLowerCase()))
      throw new Wrong(words().say("sameName", { name }), "person.name");
    setup.people = [...setup.people, newPerson(name, setup.document!, setup.people)];
  }

  #remove(id: string): void {
    const { setup } = this.#host;
    setup.people = setup.people.filter((p) => p.id !== id);
    for (const [name, value] of Object.entries(setup.answers))
      if (name.startsWith("device.") && name.endsWith(".owner") && value === id) delete setup.answers[name];
  }

  async #save(): Promise<void> {
    const { setup } = this.#host;
    // A name that was typed and not added is meant all the same.
    if (answered(setup, "person.name") !== "") this.#addTyped();
    await this.#host.edit((home) => withDevices(withPeople(home, setup.people, setup.peopleBefore), assignmentsIn(setup, home)));
    setup.people = setup.peopleBefore = setup.document?.people ?? [];
    await this.ask();
    this.#host.onward();
  }
}
