import type { Moment } from "../../engine/src/predict/core/moment.ts";
import type { HomeLog } from "./home-log.ts";
import type { Task } from "./protocol.ts";

/** Something that predicts and learns in the order of time. */
export interface Method {
  predict(m: Moment): ArrayLike<number>;
  learn(m: Moment, answer: number): void;
  /** Bytes of saved state, where it is a product's. */
  bytes?(): number;
}
export type MethodFactory = (home: HomeLog, task: Task) => Method;

const backoff = 4;

function prior(classes: number) {
  const n = new Array<number>(classes).fill(0.5);
  let sum = 0.5 * classes;
  return {
    predict: () => n.map((v) => v / sum),
    learn: (_: Moment, y: number) => {
      n[y]!++;
      sum++;
    },
  };
}

/** A count table that backs off to another method. */
function table(classes: number, key: (m: Moment) => string | number, parent: Method): Method {
  const cells = new Map<string | number, { n: number[]; sum: number }>();
  return {
    predict(m) {
      const q = parent.predict(m);
      const cell = cells.get(key(m));
      return cell ? cell.n.map((v, k) => (v + backoff * q[k]!) / (cell.sum + backoff)) : q;
    },
    learn(m, y) {
      const cell = cells.get(key(m)) ?? { n: new Array<number>(classes).fill(0), sum: 0 };
      cells.set(key(m), cell);
      cell.n[y]!++;
      cell.sum++;
      parent.learn(m, y);
    },
  };
}

const hourOf = (m: Moment) => Math.floor(m.minute / 60);
const markov = (classes: number) => table(classes, (m) => m.current, prior(classes));

function persistence(classes: number): Method {
  const rest = prior(classes);
  let [stays, leaves] = [1, 1];
  return {
    predict(m) {
      const stay = stays / (stays + leaves);
      const q = rest.predict();
      const other = Math.max(
        1e-9,
        q.reduce((sum, v, k) => sum + (k === m.current ? 0 : v), 0),
      );
      return q.map((v, k) => (k === m.current ? stay : ((1 - stay) * v) / other));
    },
    learn(m, y) {
      if (y === m.current) stays++;
      else leaves++;
      rest.learn(m, y);
    },
  };
}

/** The founding formula on plain relative frequencies: history + time of day + location + devices + calendar, divided by the total. */
function additive(home: HomeLog): Method {
  const classes = home.classes.length;
  const cells = new Map<string, { n: number[]; sum: number }>();
  const keys = (m: Moment) => {
    const place = m.place === "" ? (home.classes[m.current] === "away" ? 1 : 0) : m.place;
    const scores = ["history", `hour ${hourOf(m)}`, `place ${place}`, `devices ${m.current} ${m.devices}`];
    return m.calendar === "" ? scores : [...scores, `calendar ${m.calendar}`];
  };
  return {
    predict(m) {
      const scores = new Array<number>(classes).fill(0);
      let total = 0;
      for (const key of keys(m)) {
        const cell = cells.get(key);
        if (!cell) continue;
        total++;
        cell.n.forEach((v, k) => {
          scores[k]! += v / cell.sum;
        });
      }
      return scores.map((v) => (total > 0 ? v / total : 1 / classes));
    },
    learn(m, y) {
      for (const key of keys(m)) {
        const cell = cells.get(key) ?? { n: new Array<number>(classes).fill(0), sum: 0 };
        cells.set(key, cell);
        cell.n[y]!++;
        cell.sum++;
      }
    },
  };
}

export const baselines: Readonly<Record<string, MethodFactory>> = {
  prior: (home) => prior(home.classes.length),
  hour: (home) => table(home.classes.length, hourOf, prior(home.classes.length)),
  persistence: (home) => persistence(home.classes.length),
  markov: (home) => markov(home.classes.length),
  markov2: (home) => table(home.classes.length, (m) => `${m.current},${m.previous}`, markov(home.classes.length)),
  markovtime: (home) => table(home.classes.length, (m) => `${m.current},${hourOf(m)}`, markov(home.classes.length)),
  additive,
};
