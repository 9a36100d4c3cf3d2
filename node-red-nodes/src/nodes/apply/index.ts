import type { NodeAPI } from "node-red";
import { BadMessage } from "../../shared/bad-message.ts";
import { verdictOf } from "../../shared/outcome.ts";
import { parseWish } from "../../shared/parse-wish.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { refusalOf } from "../../shared/refusal.ts";
import { numberOf } from "../../shared/values.ts";

interface ApplyDef extends PersonaNodeDef {
  subject: string;
  subjectType: string;
  /** Minutes a proposal stands. */
  ttl: string;
}

/** Proposes a profile to the engine, which composes, guards and applies it, and tells what came of it. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<ApplyDef>(RED, "persona apply", ({ settings, connection, status, source, subject, onInput }) => {
    /** Id of the standing proposal per subject. */
    const standing = new Map<string, string>();
    onInput(async (message, send) => {
      const [client, directory] = [await connection.client(), await connection.directory()];
      const about = await subject(message, settings, directory);
      if (!about) throw new BadMessage("noSubject");
      const wish = parseWish(message.payload, directory);
      if (wish === "withdraw") {
        const id = standing.get(about);
        if (id) await client.withdraw(id).catch(ignoreGone);
        standing.delete(about);
        status.note("withdrawn");
        return send([
          Object.assign(message, {
            topic: about,
            payload: { result: "withdrawn", ok: true },
            persona: { subject: about, proposal: id ?? null },
          }),
          null,
        ]);
      }
      status.working("applying");
      const seconds = numberOf(message.ttl) ?? Number(settings.ttl || 15) * 60;
      try {
        const { proposal, outcomes } = await client.propose({ subject: about, source, ttl: Math.round(seconds), ...wish });
        standing.set(about, proposal.id);
        const verdict = verdictOf(outcomes);
        if (!verdict.ok) status.failed(verdict.result);
        else if (verdict.result === "confirmed") status.done(`${status.word("confirmed")}: ${verdict.changes}`);
        else status.note(verdict.result, verdict.changes > 0 ? `: ${verdict.changes}` : "");
        const done = Object.assign(message, { topic: about, payload: verdict, persona: { subject: about, proposal, outcomes } });
        send(verdict.ok ? [done, null] : [null, done]);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        status.failed("refused");
        send([
          null,
          Object.assign(message, {
            topic: about,
            payload: { result: "refused", ok: false, changes: 0, summary: [], omissions: [], errors: [refusal] },
            persona: { subject: about, ...wish },
          }),
        ]);
      }
    });
  });
}

/** A proposal that has expired needs no withdrawal. */
function ignoreGone(error: unknown): void {
  if (refusalOf(error)?.code !== "not-found") throw error;
}
