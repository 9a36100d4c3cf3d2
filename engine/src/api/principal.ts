import { PersonasError } from "../model/index.ts";
import { type Scope, scopes } from "./contract.ts";

/** Who is asking. Made by admission for requests from outside, by the host for calls in this process. */
export interface Principal {
  kind: "token" | "loopback" | "host";
  /** Name of the token or the host; appears in the source of what it says. */
  name: string;
  scopes: readonly Scope[];
  /** Subjects it may speak about and see; undefined means all. */
  subjects?: readonly string[];
  /** Present when `kind` is token. */
  tokenId?: string;
}

/**
 * What each scope includes. `signal` does not include `read`: a sensor may speak without seeing who is at home.
 * `control` includes both, `admin` everything.
 */
const includes: Record<Scope, readonly Scope[]> = {
  read: ["read"],
  signal: ["signal"],
  control: ["read", "signal", "control"],
  admin: [...scopes],
};

/** True when one of the scopes held includes `scope`. */
export const holds = (principal: Principal, scope: Scope): boolean => principal.scopes.some((held) => includes[held].includes(scope));

/** @throws PersonasError `forbidden` naming the scope that is missing */
export function requireScope(principal: Principal, scope: Scope, what: string): void {
  if (holds(principal, scope)) return;
  const held = principal.scopes.join(", ") || "none";
  throw new PersonasError(
    "forbidden",
    `${what} needs the scope "${scope}"; "${principal.name}" has ${held}. Create a token with it: network-personas token create --scope ${scope}`,
  );
}

/** The owner of this machine, or a host that runs the engine in its own process. */
export const hostPrincipal = (name: string): Principal => ({ kind: "host", name, scopes: ["admin"] });
