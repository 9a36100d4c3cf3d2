/** Begins the name of everything that is ours. */
export const tag = "np ";
/** Names in lists have 31 characters; a device is told by its address. */
export const nameOf = (device: string): string => `${tag}${device}`.slice(0, 31);

/** One entry of a list: its text as it stands, and its fields. */
export interface Row {
  text: string;
  fields: readonly string[];
}
const rowOf = (text: string): Row => ({ text, fields: text.split(">") });
/** Entries of a list such as `<a>b<c>d`; some lists have no `<` in front of the first. */
export const rowsOf = (list: string): Row[] =>
  list
    .split("<")
    .filter((text) => text !== "")
    .map(rowOf);

/** Whether a list ends where an entry ends, as one that was cut off most likely does not. */
export const isWhole = (list: string, fields: readonly number[]): boolean => {
  const last = list.slice(list.lastIndexOf("<") + 1);
  return list === "" || fields.includes(last.split(">").length);
};

/**
 * A list with `ours` in place of the entries that `isOurs`; everything else stays byte for byte.
 * `first`: ours go in front of the others; `open`: the first entry of all has a `<`.
 */
export function withRows(
  list: string,
  isOurs: (row: Row) => boolean,
  ours: readonly string[],
  { first, open }: { first: boolean; open: boolean },
): string {
  const held = rowsOf(list).filter(isOurs);
  if (held.length === ours.length && held.every((row) => ours.includes(row.text))) return list;
  const kept = list === "" ? [] : list.split("<").filter((text) => text === "" || !isOurs(rowOf(text)));
  const opened = list === "" ? open : list.startsWith("<");
  const rest = opened ? kept.slice(1) : kept;
  const all = first ? [...ours, ...rest] : [...rest, ...ours];
  if (all.length === 0) return "";
  return (opened ? ["", ...all] : all).join("<");
}

type Variables = Readonly<Record<string, string>>;

/** A rule of parental control. Its parts stand in columns, variables parted by `>` that have an entry for each rule. */
export interface ParentalRow {
  /** 0 off, 1 by its schedule, 2 no internet. */
  enable: string;
  mac: string;
  name: string;
  schedule: string;
}
const columns = { enable: "MULTIFILTER_ENABLE", mac: "MULTIFILTER_MAC", name: "MULTIFILTER_DEVICENAME" } as const;
const newSchedule = "MULTIFILTER_MACFILTER_DAYTIME_V2";
const oldSchedule = "MULTIFILTER_MACFILTER_DAYTIME";
export const parentalVariables = [...Object.values(columns), newSchedule, oldSchedule];
/** What the web interface gives a rule that was never scheduled. */
export const noSchedule = "W03E21000700<W04122000800";

/** Where schedules are: firmware before 384 has another variable, of which newer one may keep a remainder. */
const scheduleVariable = (nvram: Variables): string =>
  (nvram[newSchedule] ?? "") === "" && (nvram[oldSchedule] ?? "") !== "" ? oldSchedule : newSchedule;

/** Rules of parental control; undefined when the columns do not fit together, as when one was cut off. */
export function parentalRows(nvram: Variables): ParentalRow[] | undefined {
  const text = (variable: string) => nvram[variable] ?? "";
  if (Object.values(columns).every((variable) => text(variable) === "")) return [];
  const cells = (variable: string) => text(variable).split(">");
  const [enable, mac, name] = [cells(columns.enable), cells(columns.mac), cells(columns.name)];
  const scheduled = text(scheduleVariable(nvram)) === "" ? mac.map(() => "") : cells(scheduleVariable(nvram));
  if ([enable, name, scheduled].some((column) => column.length !== mac.length)) return undefined;
  if (!mac.every((one) => one === "" || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(one))) return undefined;
  return mac.map((one, i) => ({ enable: enable[i]!, mac: one, name: name[i]!, schedule: scheduled[i]! }));
}

/** The variables of rules, as they go back where `nvram` came from. */
export function parentalColumns(rows: readonly ParentalRow[], nvram: Variables): Record<string, string> {
  const column = (part: keyof ParentalRow) => rows.map((row) => row[part]).join(">");
  const schedule = scheduleVariable(nvram);
  // Rules of the owner without schedules do not get any.
  const scheduled = (nvram[schedule] ?? "") !== "" || rows.every((row) => row.name.startsWith(tag));
  return {
    [columns.enable]: column("enable"),
    [columns.mac]: column("mac"),
    [columns.name]: column("name"),
    ...(scheduled ? { [schedule]: column("schedule") } : {}),
  };
}

/** Pieces a list is stored in where a variable holds few characters. */
export const pieces = 6;
export const pieceSize = 255;
const pieceNames = (variable: string): string[] => Array.from({ length: pieces }, (_, i) => (i === 0 ? variable : `${variable}${i}`));

/** A list that may be spread over several variables. */
export const joined = (nvram: Variables, variable: string): string =>
  pieceNames(variable)
    .map((name) => nvram[name] ?? "")
    .join("");

/** The variables of a list: all in the first, or spread. */
export const spread = (variable: string, list: string, split: boolean): Record<string, string> =>
  Object.fromEntries(
    pieceNames(variable).map((name, i) => [name, split ? list.slice(i * pieceSize, (i + 1) * pieceSize) : i === 0 ? list : ""]),
  );
