import { Duration, NetworkProfile, Persona, Rate } from "@network-personas/personas";
import { z } from "zod";
import {
  ApplyOutcome,
  CalendarStatus,
  Capabilities,
  Constraint,
  DevicePlan,
  Distribution,
  DoctorFinding,
  EngineEvent,
  EngineState,
  Evidence,
  HistoryEntry,
  HoldState,
  Home,
  Instant,
  LinePlan,
  MacAddress,
  NetworkPlan,
  Omission,
  PlannedChange,
  PlanReason,
  PlanView,
  Prediction,
  Proposal,
  Refusal,
  RouterClients,
  RouterPreview,
  RouterStatus,
  SignalInput,
  SubjectState,
  UpcomingEvent,
} from "../model/index.ts";
import {
  BlendedProfile,
  CreatedToken,
  ErrorAnswer,
  EvidenceInput,
  HomeView,
  KeptConstraint,
  KeptProposal,
  KeptSignal,
  OverrideInput,
  OverrideView,
  PersonaView,
  ProposalResult,
  QueryInstant,
  TokenInput,
  TokenView,
} from "./schemas.ts";

export type JsonSchema = Record<string, unknown>;
type Direction = "input" | "output";

/** Schemas that the document names. What is both sent and answered has two forms: as it may be written, and as it is understood. */
const named: Record<Direction, Record<string, z.ZodType>> = {
  input: {
    SignalInput,
    EvidenceInput,
    ConstraintInput: Constraint,
    ProposalInput: Proposal,
    OverrideInput,
    TokenInput,
    HomeInput: Home,
    PersonaInput: Persona,
    NetworkProfileInput: NetworkProfile,
    Distribution,
  },
  output: {
    EngineState,
    SubjectState,
    EngineEvent,
    Prediction,
    Evidence,
    Distribution,
    PlanView,
    NetworkPlan,
    DevicePlan,
    LinePlan,
    PlanReason,
    Refusal,
    RouterPreview,
    PlannedChange,
    Omission,
    ApplyOutcome,
    RouterStatus,
    Capabilities,
    RouterClients,
    DoctorFinding,
    CalendarStatus,
    UpcomingEvent,
    HistoryEntry,
    HoldState,
    Signal: KeptSignal,
    Constraint: KeptConstraint,
    Proposal: KeptProposal,
    ProposalResult,
    Override: OverrideView,
    BlendedProfile,
    NetworkProfile,
    Home,
    HomeView,
    Persona,
    PersonaView,
    Token: TokenView,
    CreatedToken,
    Error: ErrorAnswer,
  },
};

/** Schemas that read one form and give another; JSON Schema can only say what either looks like. */
const transforming: ReadonlyMap<unknown, Record<Direction, JsonSchema>> = new Map([
  [
    Instant as unknown,
    { input: { anyOf: [{ type: "string", format: "date-time" }, { type: "number" }] }, output: { type: "string", format: "date-time" } },
  ],
  [QueryInstant as unknown, { input: { type: "string", format: "date-time" }, output: { type: "string", format: "date-time" } }],
  [
    Rate as unknown,
    {
      input: {
        anyOf: [
          { type: "number", minimum: 0 },
          { type: "string", pattern: "bit/s|bps" },
        ],
      },
      output: { type: "number", minimum: 0, "x-unit": "kbit/s" },
    },
  ],
  [Duration as unknown, { input: { type: "string", pattern: "^P" }, output: { type: "number", minimum: 0, "x-unit": "ms" } }],
  [MacAddress as unknown, { input: { type: "string" }, output: { type: "string", pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" } }],
]);

function describeCustom(direction: Direction, { zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: JsonSchema }): void {
  const { description, integer } = jsonSchema;
  const form = integer ? { type: "integer", ...integer } : transforming.get(zodSchema)?.[direction];
  if (form) {
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
    Object.assign(jsonSchema, form, description === undefined ? {} : { description });
  }
  // Our own annotations become extensions; the safe-integer bound that zod adds says nothing to a reader.
  for (const key of ["unit", "blend", "strictness"]) {
    if (!(key in jsonSchema)) continue;
    jsonSchema[`x-${key}`] = jsonSchema[key];
    delete jsonSchema[key];
  }
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

/** JSON Schemas of all named parts, and of any further schemas with references to these. */
export class SchemaBook {
  readonly components: Record<string, JsonSchema> = {};
  readonly #inline: Record<Direction, Map<z.ZodType, JsonSchema>> = { input: new Map(), output: new Map() };

  /** `wanted`: every schema that `of` will be asked for. */
  constructor(wanted: Record<Direction, readonly z.ZodType[]>) {
    for (const direction of ["input", "output"] as const) {
      const registry = z.registry<{ id: string }>();
      const names = Object.entries(named[direction]);
      for (const [id, schema] of names) registry.add(schema, { id });
      const others = [...new Set(wanted[direction])].filter((schema) => !registry.has(schema));
      for (const [index, schema] of others.entries()) registry.add(schema, { id: `inline-${index}` });
      const { schemas } = z.toJSONSchema(registry, {
        io: direction,
        unrepresentable: "any",
        uri: (id) => `#/components/schemas/${id}`,
        override: (context) => describeCustom(direction, context),
      });
      for (const [id, schema] of names) {
        this.components[id] = bare(schemas[id]);
        this.#inline[direction].set(schema, { $ref: `#/components/schemas/${id}` });
      }
      for (const [index, schema] of others.entries()) this.#inline[direction].set(schema, bare(schemas[`inline-${index}`]));
    }
  }

  of(schema: z.ZodType, direction: Direction): JsonSchema {
    const found = this.#inline[direction].get(schema);
    if (!found) throw new Error("a schema was asked for that was not announced");
    return found;
  }
}

function bare(schema: unknown): JsonSchema {
  const { $schema: _dialect, $id: _id, ...rest } = schema as JsonSchema;
  return rest;
}
