import { consolePath, menuNames, menuOf } from "./menus.ts";
import type { Row } from "./values.ts";

/** Name of the entry in the router's scheduler that takes a change back. */
export const deadManName = "np-undo";

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
