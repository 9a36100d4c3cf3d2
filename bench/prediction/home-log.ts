import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One home's log in the format of the development data: a class a minute, local time. */
export interface HomeLog {
  name: string;
  classes: readonly string[];
  /** "dominant": a window has its most frequent class; "any": the highest-priority class that occurs in it. */
  target: "dominant" | "any";
  /** First minute, counted from 1970-01-01 00:00 local. */
  start: number;
  days: number;
  /** Class index of each minute; -1 is missing. */
  minutes: Int8Array;
  /** Extra columns by name. */
  extra: Readonly<Record<string, Float64Array>>;
}

interface Meta {
  name: string;
  classes: string[];
  target: "dominant" | "any";
  start: string;
  extra: string[];
}

/** Names of the homes in a folder: every folder with a `meta.json`. */
export function homesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isDirectory() && readdirSync(join(folder, name)).includes("meta.json"))
    .sort();
}

export function loadHome(folder: string, name: string): HomeLog {
  const meta = JSON.parse(readFileSync(join(folder, name, "meta.json"), "utf8")) as Meta;
  const lines = gunzipSync(readFileSync(join(folder, name, "minutes.csv.gz")))
    .toString("utf8")
    .trim()
    .split(/\r?\n/);
  const header = lines[0]!.split(",");
  const column = (label: string) => {
    const at = header.indexOf(label);
    if (at < 0) throw new Error(`${name}/minutes.csv.gz has no column "${label}"; it has: ${header.join(", ")}`);
    return at;
  };
  const rows = lines.slice(1).map((line) => line.split(","));
  const at = column("c");
  const minutes = Int8Array.from(rows, (row) => Number(row[at]));
  const extra = Object.fromEntries(
    (meta.extra ?? []).map((label) => [label, Float64Array.from(rows, (row) => Number(row[column(label)]))]),
  );
  return {
    name,
    classes: meta.classes,
    target: meta.target,
    start: Date.parse(`${meta.start.replace(" ", "T")}Z`) / 60_000,
    days: Math.floor(minutes.length / 1440),
    minutes,
    extra,
  };
}
