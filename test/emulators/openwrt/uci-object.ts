import type { RouterTime } from "../shared/time.ts";
import type { Answer, Call } from "./objects.ts";
import type { Session, Sessions } from "./sessions.ts";
import { allows } from "./sessions.ts";
import { status } from "./status.ts";
import type { Config, Delta, Section, UciStore, UciValue } from "./uci.ts";

interface PendingApply {
  token: string;
  /** Files as they were; gone after somebody's apply without rollback. */
  snapshot: Map<string, Config> | undefined;
  delta: Delta;
  cancel: () => void;
}

const nameOf = /^[A-Za-z0-9_]+$/;

/** rpcd's `uci` object: staged changes per login, one apply at a time that waits for its confirmation. */
export class UciObject {
  readonly #store: UciStore;
  readonly #time: RouterTime;
  readonly #sessions: Sessions;
  readonly #changed: (config: string) => void;
  #pending: PendingApply | undefined;

  constructor(parts: { store: UciStore; time: RouterTime; sessions: Sessions; changed: (config: string) => void }) {
    this.#store = parts.store;
    this.#time = parts.time;
    this.#sessions = parts.sessions;
    this.#changed = parts.changed;
  }

  /** Token whose apply waits for confirmation. */
  get pendingToken(): string | undefined {
    return this.#pending?.token;
  }
  /** rpcd stopped: its timer is gone, the files stay as they are. */
  forgetPending(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }

  get methods(): Record<string, (call: Call) => Answer> {
    return {
      configs: () => [status.ok, { configs: this.#store.names() }],
      get: (call) => this.#get(call),
      changes: (call) => this.#changes(call),
      set: (call) => this.#set(call),
      add: (call) => this.#add(call),
      delete: (call) => this.#delete(call),
      rename: (call) => this.#rename(call),
      order: (call) => this.#order(call),
      revert: (call) => this.#revert(call),
      commit: (call) => this.#commit(call),
      apply: (call) => this.#apply(call),
      confirm: ({ session }) => this.#confirm(session),
      rollback: ({ session }) => this.#explicitRollback(session),
    };
  }

  /** The config an argument names when the login may `mode` it, else the status that says why not. */
  #config(call: Call, mode: "read" | "write"): { name: string; view: Config } | { refused: Answer } {
    const name = call.args.config;
    if (typeof name !== "string") return { refused: [status.invalidArgument] };
    if (!allows(call.session.acls, "uci", name, mode)) return { refused: [status.permissionDenied] };
    const view = this.#store.view(call.session.token, name);
    return view ? { name, view } : { refused: [status.notFound] };
  }

  #get(call: Call): Answer {
    const config = this.#config(call, "read");
    if ("refused" in config) return config.refused;
    const { section, option, type, match } = call.args;
    if (typeof section === "string") {
      const found = find(config.view, section);
      if (!found) return [status.ok];
      if (typeof option !== "string") return [status.ok, { values: shown(found) }];
      const value = found.options.get(option);
      return value === undefined ? [status.ok] : [status.ok, { value }];
    }
    const values: Record<string, unknown> = {};
    config.view.sections.forEach((found, index) => {
      if (selected(found, type, match)) values[found.name] = shown(found, index);
    });
    return [status.ok, { values }];
  }

  #changes({ session, args }: Call): Answer {
    const delta = this.#store.delta(session.token);
    if (typeof args.config === "string") return [status.ok, { changes: delta.get(args.config) ?? [] }];
    const mine = [...delta].filter(([config, lines]) => lines.length > 0 && allows(session.acls, "uci", config, "read"));
    return [status.ok, { changes: Object.fromEntries(mine.sort(([a], [b]) => (a < b ? -1 : 1))) }];
  }

  #set(call: Call): Answer {
    if (!isRecord(call.args.values)) return [status.invalidArgument];
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    const values = textValues(call.args.values);
    if (!values) return [status.invalidArgument];
    const targets = this.#targets(call, config.view);
    if (targets.length === 0) return [status.notFound];
    for (const section of targets) this.#stageValues(call.session.token, config.name, section.name, values);
    return [status.ok];
  }

  #add(call: Call): Answer {
    const { type, name } = call.args;
    if (typeof type !== "string") return [status.invalidArgument];
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    if (name !== undefined && (typeof name !== "string" || !nameOf.test(name))) return [status.invalidArgument];
    const values = call.args.values === undefined ? [] : isRecord(call.args.values) ? textValues(call.args.values) : undefined;
    if (!values) return [status.invalidArgument];
    const { token } = call.session;
    const section = name ?? this.#store.nextAnonymous(token, config.name, type);
    if (name === undefined) this.#store.stage(token, config.name, ["add", section, type]);
    // A name that exists is merged into, without a word.
    else if (!find(config.view, section)) this.#store.stage(token, config.name, ["set", section, type]);
    this.#stageValues(token, config.name, section, values);
    return [status.ok, { section }];
  }

  #stageValues(token: string, config: string, section: string, values: readonly [string, UciValue][]): void {
    for (const [option, value] of values) {
      const before = find(this.#store.view(token, config)!, section)?.options.get(option);
      if (Array.isArray(value) || value === "") {
        if (before !== undefined) this.#store.stage(token, config, ["remove", section, option]);
        for (const item of [value].flat()) if (item !== "") this.#store.stage(token, config, ["list-add", section, option, item]);
      } else if (before !== value) this.#store.stage(token, config, ["set", section, option, value]);
    }
  }

  #delete(call: Call): Answer {
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    const targets = this.#targets(call, config.view);
    if (targets.length === 0) return [status.notFound];
    const { option, options } = call.args;
    const { token } = call.session;
    for (const section of targets) {
      if (typeof option === "string") {
        if (!section.options.has(option)) return [status.notFound];
        this.#store.stage(token, config.name, ["remove", section.name, option]);
      } else if (Array.isArray(options)) {
        for (const each of options)
          if (section.options.has(String(each))) this.#store.stage(token, config.name, ["remove", section.name, String(each)]);
      } else this.#store.stage(token, config.name, ["remove", section.name]);
    }
    return [status.ok];
  }

  #rename(call: Call): Answer {
    const { section, name } = call.args;
    if (typeof section !== "string" || typeof name !== "string" || !nameOf.test(name)) return [status.invalidArgument];
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    const found = find(config.view, section);
    if (!found) return [status.notFound];
    this.#store.stage(call.session.token, config.name, ["rename", found.name, name]);
    return [status.ok];
  }

  #order(call: Call): Answer {
    const { sections } = call.args;
    if (!Array.isArray(sections)) return [status.invalidArgument];
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    if (sections.some((name) => !find(config.view, String(name)))) return [status.notFound];
    for (const [index, name] of sections.entries()) this.#store.stage(call.session.token, config.name, ["order", String(name), index]);
    return [status.ok];
  }

  #revert(call: Call): Answer {
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    if (this.#pending) return [status.permissionDenied];
    this.#store.revert(call.session.token, config.name);
    return [status.ok];
  }

  #commit(call: Call): Answer {
    const config = this.#config(call, "write");
    if ("refused" in config) return config.refused;
    if (this.#pending) return [status.permissionDenied];
    const { token } = call.session;
    if (this.#store.delta(token).get(config.name)?.length) {
      this.#store.commit(token, config.name);
      this.#changed(config.name);
    }
    return [status.ok];
  }

  #apply({ session, args }: Call): Answer {
    // Anything but JSON true counts as false.
    const rollback = args.rollback === true;
    const delta = this.#store.delta(session.token);
    const configs = [...delta].filter(([, lines]) => lines.length > 0).map(([config]) => config);
    if (this.#pending) {
      if (rollback) return [status.permissionDenied];
      // Upstream bug: success, nothing applied, and the other one's way back is gone.
      this.#pending.snapshot = undefined;
      return [status.ok];
    }
    if (configs.length === 0) return [status.noData];
    if (configs.some((config) => !allows(session.acls, "uci", config, "write"))) return [status.permissionDenied];
    const snapshot = this.#store.snapshot(configs);
    const kept: Delta = new Map([...delta].map(([config, lines]) => [config, [...lines]]));
    for (const config of configs) {
      this.#store.commit(session.token, config);
      this.#changed(config);
    }
    if (!rollback) return [status.ok];
    const seconds = typeof args.timeout === "number" ? args.timeout : 60;
    this.#pending = { token: session.token, snapshot, delta: kept, cancel: () => {} };
    if (seconds <= 0) this.#undo();
    else this.#pending.cancel = this.#time.after(seconds * 1000, () => this.#undo());
    return [status.ok];
  }

  #confirm(session: Session): Answer {
    if (!this.#pending) return [status.noData];
    if (this.#pending.token !== session.token) return [status.permissionDenied];
    this.forgetPending();
    return [status.ok];
  }

  #explicitRollback(session: Session): Answer {
    if (!this.#pending) return [status.noData];
    if (this.#pending.token !== session.token) return [status.permissionDenied];
    this.#undo();
    return [status.ok];
  }

  /** Back to the files before; what was rejected waits in the same login as pending changes. */
  #undo(): void {
    const pending = this.#pending;
    if (!pending) return;
    this.forgetPending();
    if (!pending.snapshot) return;
    for (const [config, content] of pending.snapshot) {
      this.#store.replace(config, content);
      this.#changed(config);
    }
    if (this.#sessions.tokens().includes(pending.token)) this.#store.restoreDelta(pending.token, pending.delta);
  }

  #targets(call: Call, view: Config): Section[] {
    const { section, type, match } = call.args;
    if (typeof section === "string") return [find(view, section)].filter((s) => s !== undefined);
    if (type === undefined && match === undefined) return [];
    return view.sections.filter((s) => selected(s, type, match));
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function find(config: Config, reference: string): Section | undefined {
  const indexed = /^@([A-Za-z0-9_]+)\[(-?\d+)\]$/.exec(reference);
  if (!indexed) return config.sections.find((s) => s.name === reference);
  return config.sections.filter((s) => s.type === indexed[1]).at(Number(indexed[2]));
}

function selected(section: Section, type: unknown, match: unknown): boolean {
  if (typeof type === "string" && section.type !== type) return false;
  return !isRecord(match) || Object.entries(match).every(([option, value]) => section.options.get(option) === value);
}

function shown(section: Section, index?: number): Record<string, unknown> {
  const meta = { ".anonymous": section.anonymous, ".type": section.type, ".name": section.name };
  return { ...meta, ...(index === undefined ? {} : { ".index": index }), ...Object.fromEntries(section.options) };
}

/** Values as text; undefined when one of them has a type or a name that uci refuses. */
function textValues(values: Record<string, unknown>): [string, UciValue][] | undefined {
  const result: [string, UciValue][] = [];
  for (const [option, value] of Object.entries(values)) {
    const text = asText(value);
    if (text === undefined || !nameOf.test(option)) return undefined;
    result.push([option, text]);
  }
  return result;
}

function asText(value: unknown): UciValue | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "1" : "0";
  if (Number.isInteger(value)) return String(value === -1 ? 4294967295 : value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value.map(asText);
  return items.every((item) => typeof item === "string") ? (items as string[]) : undefined;
}
