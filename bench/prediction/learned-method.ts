import { createHabits, type Inference, infer, learnFrom } from "../../engine/src/predict/core/habits.ts";
import type { Moment } from "../../engine/src/predict/core/moment.ts";
import { writeState } from "../../engine/src/predict/state-text.ts";
import type { Method } from "./baselines.ts";
import { horizonOf, step, type Task } from "./protocol.ts";

/** The product's learned predictor on bare classes: what `learned` does with personas, without the personas. */
export function learnedMethod(task: Task): Method {
  const state = createHabits();
  const waiting = new Map<Moment, Inference>();
  // Windows that overlap count by the time they add, as they do in the product.
  const fresh = task === "ONSET" ? 1 : step / horizonOf(task);
  return {
    predict(m) {
      const inference = infer(state, m);
      waiting.set(m, inference);
      return inference.p;
    },
    learn(m, answer) {
      const inference = waiting.get(m);
      if (!inference) throw new Error("learning from a moment that was never predicted");
      waiting.delete(m);
      learnFrom(state, m, inference, answer, { certainty: 1, fresh });
    },
    bytes: () => writeState("learned", 1, state).length,
  };
}
