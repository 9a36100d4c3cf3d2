import type { PersonasClient } from "@network-personas/engine/client";
import type { Proposal } from "@network-personas/engine/model";
import type { NodeAPI } from "node-red";
import { verdictOf } from "../../shared/outcome.ts";
import { parseWish } from "../../shared/parse-wish.ts";
import { type PersonaNodeDef, registerPersonaNode, required } from "../../shared/persona-node.ts";
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
    /** What this node proposed for a subject and still stands. Asked, not remembered: proposals outlive deploys. */
    const standing = async (client: PersonasClient, about: string) => {
      const proposals = (await client.request("GET", "/v1/proposals")) as readonly Proposal[];
      // A remote engine marks the source with the name of our token.
      return proposals.find((proposal) => proposal.subject === about && `/${proposal.source}`.endsWith(`/${source}`))?.id;
    };
    onInput(async (message, send) => {
      const { client, directory } = await connection.ready();
      const about = required(await subject(message, settings, directory));
      const answer = (payload: object, details: object) =>
        Object.assign(message, { topic: about, payload, persona: { subject: about, ...details } });
      const wish = parseWish(message.payload, directory);
      if (wish === "withdraw") {
        const id = await standing(client, about);
        if (id) await client.withdraw(id).catch(ignoreGone);
        status.say("withdrawn", "grey");
        return send([answer({ result: "withdrawn", ok: true }, { proposal: id ?? null }), null]);
      }
      const ttl = Math.round(numberOf(message.ttl) ?? (numberOf(settings.ttl) ?? 15) * 60);
      status.say("applying", "blue");
      try {
        const { proposal, outcomes } = await client.propose({ subject: about, source, ttl, ...wish });
        const verdict = verdictOf(outcomes, outcomes.length === 0 && (await client.state()).hold !== null);
        status.say(verdict.result, verdict.ok ? (verdict.result === "confirmed" ? "green" : "grey") : "red");
        const told = answer(verdict, { proposal, outcomes });
        send(verdict.ok ? [told, null] : [null, told]);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        status.say("refused", "red");
        send([null, answer({ result: "refused", ok: false, changes: 0, summary: [], omissions: [], errors: [refusal] }, wish)]);
      }
    });
  });
}

/** A proposal that has expired needs no withdrawal. */
function ignoreGone(error: unknown): void {
  if (refusalOf(error)?.code !== "not-found") throw error;
}
