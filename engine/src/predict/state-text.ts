import { PersonasError } from "../model/index.ts";

/** Saved learning that cannot be read. Keep the text: it may be worth a repair. */
export class DamagedState extends PersonasError {
  override name = "DamagedState";
  constructor(scorer: string, what: string) {
    super(
      "damaged-state",
      `what the predictor "${scorer}" had learned cannot be read: ${what}; set the saved state aside and restore a backup, or let it learn anew`,
      { responsible: "owner" },
    );
  }
}

/** How to bring a state one version on. Keyed by the version it starts from. */
export type Migrations = Readonly<Record<number, (state: unknown) => unknown>>;

interface Envelope {
  format: string;
  scorer: string;
  version: number;
  checksum: string;
  state: string;
}
const format = "network-personas predictor state";

/** FNV-1a, 32 bits: enough to notice a cut or altered file. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

export function writeState(scorer: string, version: number, state: unknown): string {
  const text = JSON.stringify(state);
  return JSON.stringify({ format, scorer, version, checksum: checksum(text), state: text } satisfies Envelope);
}

/** @throws DamagedState */
export function readState(text: string, scorer: string, version: number, migrations: Migrations = {}): unknown {
  const envelope = parse(text, scorer) as Partial<Envelope> | null;
  if (envelope?.format !== format || typeof envelope.state !== "string") throw new DamagedState(scorer, "it is not a predictor's state");
  if (envelope.scorer !== scorer) throw new DamagedState(scorer, `it belongs to the predictor "${envelope.scorer}"`);
  if (envelope.checksum !== checksum(envelope.state)) throw new DamagedState(scorer, "its checksum does not match its content");
  const written = envelope.version;
  if (typeof written !== "number" || written > version)
    throw new DamagedState(scorer, `it was written by a newer release (format ${written}, this one reads up to ${version})`);
  let state = parse(envelope.state, scorer);
  for (let from = written; from < version; from++) {
    const migrate = migrations[from];
    if (!migrate) throw new DamagedState(scorer, `format ${from} is no longer known`);
    state = migrate(state);
  }
  return state;
}

function parse(text: string, scorer: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedState(scorer, "it is cut short or not JSON");
  }
}
