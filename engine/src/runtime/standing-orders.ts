import type { Clock } from "../driver/port.ts";
import { Constraint, type Instant, later, NotFound, type Proposal } from "../model/index.ts";
import type { Store } from "../store/index.ts";

/** Constraints and proposals that stand until they expire or are taken back. */
export class StandingOrders {
  readonly #store: Store;
  readonly #clock: Clock;
  #constraints: Constraint[] = [];
  #proposals: Proposal[] = [];
  #count = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }
  async load(): Promise<void> {
    this.#constraints = [...(await this.#store.constraints())];
    // A crash may have come between keeping a proposal and forgetting the one it replaced.
    const newestLast = [...(await this.#store.proposals())].sort((a, b) => (a.at < b.at ? -1 : 1));
    this.#proposals = [...new Map(newestLast.map((p) => [p.subject, p])).values()];
  }
  constraints(at: Instant): Constraint[] {
    return this.#constraints.filter((c) => c.expiresAt === undefined || c.expiresAt > at);
  }
  proposals(at: Instant): Proposal[] {
    return this.#proposals.filter((p) => p.expiresAt > at);
  }

  async constrain(input: unknown, id?: string): Promise<Constraint> {
    const parsed = Constraint.parse(input);
    const constraint = { ...parsed, id: id ?? parsed.id ?? this.#identity("c") };
    await this.#store.putConstraint(constraint);
    this.#constraints = [...this.#constraints.filter((c) => c.id !== constraint.id), constraint];
    return constraint;
  }
  async removeConstraint(id: string): Promise<void> {
    if (!(await this.#store.removeConstraint(id))) throw new NotFound("constraint", id);
    this.#constraints = this.#constraints.filter((c) => c.id !== id);
  }

  /** A newer proposal for a subject replaces the older one. */
  async propose(parsed: Proposal | Omit<Proposal, "id" | "at" | "expiresAt">, at: Instant): Promise<Proposal> {
    const proposal: Proposal = { ...parsed, id: this.#identity("p"), at, expiresAt: later(at, parsed.ttl * 1000) };
    await this.#store.putProposal(proposal);
    for (const old of this.#proposals.filter((p) => p.subject === proposal.subject)) await this.#store.removeProposal(old.id);
    this.#proposals = [...this.#proposals.filter((p) => p.subject !== proposal.subject), proposal];
    return proposal;
  }
  async withdraw(id: string): Promise<void> {
    if (!(await this.#store.removeProposal(id))) throw new NotFound("proposal", id);
    this.#proposals = this.#proposals.filter((p) => p.id !== id);
  }

  /** Forgets what no longer stands. */
  async expire(at: Instant): Promise<void> {
    for (const { id } of this.#proposals.filter((p) => p.expiresAt <= at)) await this.#store.removeProposal(id);
    for (const { id } of this.#constraints.filter((c) => c.expiresAt !== undefined && c.expiresAt <= at))
      await this.#store.removeConstraint(id);
    this.#proposals = this.proposals(at);
    this.#constraints = this.constraints(at);
  }

  #identity(kind: string): string {
    return `${kind}-${this.#clock.now().toString(36)}-${(this.#count++).toString(36)}`;
  }
}
