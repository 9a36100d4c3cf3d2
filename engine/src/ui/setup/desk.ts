import type { EngineState } from "../../model/index.ts";
import type { Words } from "../words.ts";
import type { HomeDocument } from "./edits.ts";
import type { Setup } from "./state.ts";

/** What every desk of setting up needs of the flow it belongs to. */
export interface DeskHost {
  setup: Setup;
  words(): Words;
  state(): EngineState | undefined;
  redraw(): void;
  /** Asks for the home anew: an edit is in force. */
  refresh(): Promise<void>;
  /** Edits the home as it is now. */
  edit(change: (home: HomeDocument) => HomeDocument): Promise<void>;
  /** Does something that may go wrong, and says at `form` what did. */
  saying(form: string, work: () => Promise<unknown>): Promise<void>;
  /** What would be planned, as far as it was said. */
  preview(): Promise<void>;
  /** On to the next step. */
  onward(): void;
  /** Moves the focus to what came of an action, once it is drawn. */
  focusOn(id: string): void;
}

/** What was typed or chosen, without blanks around it. */
export const answered = ({ answers }: Setup, name: string): string => (answers[name] ?? "").trim();
