import type { Instant } from "../model/index.ts";

export const scopes = ["read", "signal", "control", "admin"] as const;
export type Scope = (typeof scopes)[number];

/** A token as it is kept: never the secret, only its hash. */
export interface TokenRecord {
  id: string;
  name: string;
  /** SHA-256 of the secret, hex. */
  hash: string;
  scopes: readonly Scope[];
  /** Subjects it may speak about; undefined means all. */
  subjects?: readonly string[];
  createdAt: Instant;
  expiresAt?: Instant;
}

/** Where token records are kept; implemented by the store. */
export interface TokenRecords {
  list(): Promise<readonly TokenRecord[]>;
  put(record: TokenRecord): Promise<void>;
  remove(id: string): Promise<boolean>;
}
