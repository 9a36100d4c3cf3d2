import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../driver/port.ts";
import { BadInput, type Instant } from "../model/index.ts";
import { type Scope, scopes, type TokenRecord, type TokenRecords } from "./contract.ts";
import type { Principal } from "./principal.ts";

const tokenPattern = /^np_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const sha256 = (text: string) => createHash("sha256").update(text).digest();

/** A token as it may be shown: everything but the hash. */
export type TokenInfo = Omit<TokenRecord, "hash">;

/** Bearer tokens `np_<id>_<secret>`: the secret has 256 random bits, is shown once and kept only as its SHA-256. */
export class Tokens {
  readonly #records: TokenRecords;
  readonly #clock: Pick<Clock, "now">;
  readonly #listeners = new Set<(id: string) => void>();
  constructor(records: TokenRecords, clock: Pick<Clock, "now">) {
    this.#records = records;
    this.#clock = clock;
  }

  /** Makes a token. `token` is the only time its text is seen. */
  async create(order: {
    name: string;
    scopes: readonly Scope[];
    subjects?: readonly string[];
    expiresAt?: Instant;
  }): Promise<{ token: string; record: TokenInfo }> {
    if (!namePattern.test(order.name))
      throw new BadInput("name", 'expected up to 40 lower-case letters, digits and "-", such as "node-red"');
    if (order.scopes.length === 0 || order.scopes.some((s) => !scopes.includes(s)))
      throw new BadInput("scopes", `expected at least one of ${scopes.join(", ")}`);
    if (order.subjects?.length === 0) throw new BadInput("subjects", "name at least one subject, or leave it out for all");
    const known = await this.#records.list();
    if (known.some((r) => r.name === order.name))
      throw new BadInput("name", `there is a token "${order.name}" already; revoke it first or take another name`);
    const id = randomBytes(6).toString("hex");
    const secret = randomBytes(32).toString("base64url");
    const record: TokenRecord = {
      id,
      name: order.name,
      hash: sha256(secret).toString("hex"),
      scopes: scopes.filter((s) => order.scopes.includes(s)),
      ...(order.subjects ? { subjects: [...order.subjects] } : {}),
      createdAt: new Date(this.#clock.now()).toISOString(),
      ...(order.expiresAt ? { expiresAt: order.expiresAt } : {}),
    };
    await this.#records.put(record);
    return { token: `np_${id}_${secret}`, record: withoutHash(record) };
  }

  async list(): Promise<TokenInfo[]> {
    return (await this.#records.list()).map(withoutHash);
  }

  /** Withdraws a token at once, open streams included. False when there is none with this id. */
  async revoke(id: string): Promise<boolean> {
    const removed = await this.#records.remove(id);
    if (removed) for (const listener of this.#listeners) listener(id);
    return removed;
  }

  /** Whose token it is, or undefined when it is malformed, unknown, withdrawn or expired. */
  async verify(token: string): Promise<Principal | undefined> {
    const match = tokenPattern.exec(token);
    if (!match) return undefined;
    const record = await this.#valid(match[1]!);
    if (!record || !timingSafeEqual(sha256(match[2]!), Buffer.from(record.hash, "hex"))) return undefined;
    return {
      kind: "token",
      name: record.name,
      scopes: record.scopes,
      tokenId: record.id,
      ...(record.subjects ? { subjects: record.subjects } : {}),
    };
  }

  /** True while the token exists and has not expired: asked again during long streams, since another process may withdraw it. */
  async stillValid(id: string): Promise<boolean> {
    return (await this.#valid(id)) !== undefined;
  }

  /** The id a token text claims, when there is such a token. For counting failed attempts. */
  async claimedId(token: string): Promise<string | undefined> {
    const id = tokenPattern.exec(token)?.[1];
    return id && (await this.#valid(id)) ? id : undefined;
  }

  onRevoked(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #valid(id: string): Promise<TokenRecord | undefined> {
    const record = (await this.#records.list()).find((r) => r.id === id);
    return record && (!record.expiresAt || Date.parse(record.expiresAt) > this.#clock.now()) ? record : undefined;
  }
}

const withoutHash = ({ hash: _hash, ...info }: TokenRecord): TokenInfo => info;
