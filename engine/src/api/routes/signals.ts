import { z } from "zod";
import { SignalInput } from "../../model/index.ts";
import { route } from "../route.ts";
import { EvidenceInput, KeptSignal } from "../schemas.ts";
import { acceptedSignals } from "../third-party.ts";

const mostAtOnce = 1_000;

export const signalRoutes = [
  route({
    operationId: "submitSignals",
    method: "POST",
    path: "/v1/signals",
    tag: "Signals",
    summary: "Tells something that is known: one signal, or an array of them",
    description:
      "Answers when they are kept: what is acknowledged is not lost. All or none of an array are taken. Give an `id` to make repeats harmless. " +
      "The kinds `override` and `activity` decide by themselves and need the scope `control`. What comes with a token is kept under the source `token:<name>/<source>`.",
    scope: "signal",
    reach: "subjects",
    body: z.union([SignalInput, z.array(SignalInput).min(1).max(mostAtOnce)]),
    response: z.array(KeptSignal),
    example: { body: { kind: "presence", subject: "alice-laptop", present: true, source: "my-script" } },
    handle: (call) => call.service.submit(acceptedSignals(call, Array.isArray(call.body) ? call.body : [call.body])),
  }),
  route({
    operationId: "submitEvidence",
    method: "POST",
    path: "/v1/evidence",
    tag: "Signals",
    summary: "Graded evidence for or against personas, in natural log-odds",
    description:
      "1 is weak (about 3 to 1), 2 clear (7 to 1), 4 very strong (50 to 1). Each value is clamped to -4..4 and the evidence to 24 hours, whatever was asked; the answer shows what was kept.",
    scope: "signal",
    reach: "subjects",
    body: EvidenceInput,
    response: KeptSignal,
    example: {
      body: {
        subject: "alice",
        source: "desk-lamp",
        logOdds: { "remote-worker": 1.5 },
        why: "the desk lamp is on",
        expiresAt: "2026-11-23T10:00:00Z",
      },
    },
    async handle(call) {
      const [kept] = await call.service.submit(acceptedSignals(call, [{ kind: "evidence", ...call.body }]));
      return kept;
    },
  }),
];
