import type { EngineEvent, EngineState } from "../model/index.ts";
import type { EngineService } from "../runtime/port.ts";
import { type Principal, requireScope } from "./principal.ts";
import { viewOf } from "./view.ts";

/**
 * First message after (re)connection and missed events: the home as it is now. `epoch` names this run of the engine; give it
 * back with the sequence to resume. `gap` says that events after the given sequence are no longer held.
 */
export interface SnapshotMessage {
  type: "snapshot";
  epoch: string;
  gap: boolean;
  state: EngineState;
}
export type StreamMessage = SnapshotMessage | EngineEvent;

/** Where a listener left off. */
export interface Resume {
  sequence: number;
  /** Absent: the sequence is taken to be of this run. */
  epoch?: string;
}

/**
 * Sends what was missed, then a snapshot, then every event, each seen with the principal's eyes. All of it begins in one turn
 * of the event loop, so that nothing is lost or doubled in between.
 */
export function follow(options: {
  service: EngineService;
  principal: Principal;
  epoch: string;
  resume?: Resume | undefined;
  send(message: StreamMessage): void;
}): () => void {
  const { service, principal, epoch, resume, send } = options;
  requireScope(principal, "read", "the stream");
  const seen = (event: EngineEvent) => viewOf(principal, service.home().home).event(event);
  const state = service.state();
  const resumable = resume && (resume.epoch ?? epoch) === epoch && resume.sequence <= state.sequence;
  const missed = resumable ? service.since(resume.sequence) : undefined;
  for (const event of missed ?? []) {
    const visible = seen(event);
    if (visible) send(visible);
  }
  send({
    type: "snapshot",
    epoch,
    gap: resume !== undefined && missed === undefined,
    state: viewOf(principal, service.home().home).state(state),
  });
  return service.subscribe((event) => {
    const visible = seen(event);
    if (visible) send(visible);
  });
}
