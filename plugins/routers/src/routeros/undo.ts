import { ReadBackMismatch } from "@network-personas/engine/driver";
import { consolePath, menuNames, menuOf } from "./menus.ts";
import type { Rest } from "./rest.ts";
import { closedLists } from "./rules.ts";
import type { Row } from "./values.ts";

/** Name of the entry in the router's scheduler that takes a change back. */
const deadManName = "np-undo";

/** A change, as far as it does not tell itself by comments and by what is switched off. */
export interface Undo {
  /** What the change made bears this number. */
  generation: number;
  /** Queues changed in place: what they had before, by name. */
  queues: readonly { name: string; props: Row }[];
  /** WireGuard interfaces switched: how they were before, by name. */
  tunnels: readonly { name: string; disabled: boolean; comment: string }[];
}

/** A text in the router's script language. Names come from ids of the plan and from the router, so nothing in them may end the text. */
export const quoted = (text: string): string => `"${text.replace(/["\\$?]/g, (sign) => `\\${sign}`).replace(/[\r\n]/g, " ")}"`;

/**
 * What the router's scheduler runs when no confirmation came: switches on again what the change switched off, removes what it made,
 * sets back what it changed in place. What fails is tried again at the next turn; when nothing failed it removes its own entry.
 */
export function undoScript({ generation, queues, tunnels }: Undo): string {
  const made = `comment~"^np:.* g${generation}\\$"`;
  const lines: string[] = [];
  for (const { name, props } of queues)
    lines.push(
      `/queue tree set [find name=${quoted(name)}] ${Object.entries(props)
        .map(([key, value]) => `${key}=${quoted(key === "disabled" ? (value === "true" ? "yes" : "no") : value)}`)
        .join(" ")}`,
    );
  for (const { name, disabled, comment } of tunnels)
    lines.push(`/interface wireguard set [find name=${quoted(name)}] disabled=${disabled ? "yes" : "no"} comment=${quoted(comment)}`);
  for (const menu of menuNames.toReversed()) {
    const path = consolePath(menu);
    if (menuOf(menu).kind !== "base") lines.push(`${path} enable [find disabled=yes comment~"^np:"]`);
    // Leaves before what they hang on.
    if (menu === "queue/tree") lines.push(`${path} remove [find parent~"^np-" ${made}]`);
    if (menu !== "queue/type") lines.push(`${path} remove [find ${made}]`);
    if (menuOf(menu).kind === "listed")
      for (const list of Object.values(closedLists)) lines.push(`${path} remove [find list=${quoted(list)}]`);
  }
  // On one line: not every RouterOS writes the end of a line into JSON as it should.
  return [
    ":local failed 0",
    ':log warning "network-personas: no confirmation came, going back to what was before"',
    ...lines.map((line) => `:do { ${line} } on-error={ :set failed 1 }`),
    // The router refuses to remove a type that a queue has.
    ':foreach type in=[/queue type find name~"^np-"] do={ :do { /queue type remove $type } on-error={} }',
    `:if ($failed = 0) do={ /system scheduler remove [find name=${quoted(deadManName)}] }`,
  ].join("; ");
}

/** The router takes back what is not confirmed, although we may be gone. */
export class DeadMan {
  readonly #rest: Rest;
  readonly #router: string;

  constructor(rest: Rest, router: string) {
    this.#rest = rest;
    this.#router = router;
  }

  /** Before the first write: the change is taken back in `lasts` ms, and again and again until nothing of it is left. */
  async arm(undo: Undo, lasts: number): Promise<void> {
    await this.remove();
    const script = undoScript(undo);
    const made = await this.#rest.add("system/scheduler", {
      name: deadManName,
      comment: `np:undo g${undo.generation}`,
      policy: "read,write",
      interval: `${lasts / 1000}s`,
      "on-event": script,
    });
    const bare = (text: string) => text.replace(/[\s\\]/g, "");
    if (bare(made["on-event"] ?? "") !== bare(script))
      throw new ReadBackMismatch(["the way back was not taken over as written"], { router: this.#router, request: "leave a way back" });
  }

  isArmed = async (): Promise<boolean> => (await this.#entries()).length > 0;

  /** Resolves false when there was none. */
  async remove(): Promise<boolean> {
    const entries = await this.#entries();
    for (const entry of entries) await this.#rest.remove("system/scheduler", entry[".id"] ?? "");
    return entries.length > 0;
  }

  #entries = (): Promise<Row[]> => this.#rest.list("system/scheduler", [".id"], { name: deadManName });
}
