// What was written to one place and what became of it: the judge of crash tests.
//
// One writer writes the numbers 1, 2, 3, ... to a place, one after the other. An attempt ends
// acknowledged, or in doubt when the connection broke before the answer. After each crash the place
// is read: `heads` are the copies of the newest number, `entries` (null for places that keep none)
// are all the numbers that were kept.

export class WriteHistory {
  #outcomes = new Map(); // number -> "acknowledged" | "in doubt" | "kept" | "lost"
  #last = 0;
  #settled = 0; // the head that the last reading found

  constructor(place) {
    this.place = place;
  }

  /** The next number to write. Until acknowledge() it is in doubt. */
  attempt() {
    this.#outcomes.set(++this.#last, "in doubt");
    return this.#last;
  }

  acknowledge(number) {
    this.#outcomes.set(number, "acknowledged");
  }

  count(outcome) {
    return [...this.#outcomes.values()].filter((each) => each === outcome).length;
  }

  /** Broken promises that a reading shows, as sentences; what was in doubt is settled by it. */
  judge({ heads, entries }) {
    const wrong = [];
    const head = Math.max(...heads);
    if (heads.some((each) => each !== head)) wrong.push(`a write was kept in part: heads ${heads.join(", ")}`);
    if (head !== 0 && !this.#outcomes.has(head)) wrong.push(`${head} was never written`);
    if (this.#outcomes.get(head) === "lost") wrong.push(`${head} came back after it was found lost`);
    if (head < this.#settled) wrong.push(`the head went back from ${this.#settled} to ${head}`);
    for (const [number, outcome] of this.#outcomes) {
      if (outcome === "acknowledged" && number > head) wrong.push(`${number} was acknowledged and is lost: head ${head}`);
    }
    if (entries !== null) this.#judgeEntries(head, new Set(entries), wrong);
    this.#settle(head, entries && new Set(entries));
    return wrong.map((each) => `${this.place}: ${each}`);
  }

  #judgeEntries(head, kept, wrong) {
    for (const number of kept) {
      if (!this.#outcomes.has(number)) wrong.push(`entry ${number} was never written`);
      if (this.#outcomes.get(number) === "lost") wrong.push(`entry ${number} came back after it was found lost`);
      if (number > head) wrong.push(`a write was kept in part: entry ${number} without its head ${head}`);
    }
    if (head !== 0 && !kept.has(head)) wrong.push(`a write was kept in part: head ${head} without its entry`);
    for (const [number, outcome] of this.#outcomes) {
      if (kept.has(number)) continue;
      if (outcome === "acknowledged") wrong.push(`entry ${number} was acknowledged and is lost`);
      if (outcome === "kept") wrong.push(`entry ${number} was read before and is lost`);
    }
  }

  #settle(head, kept) {
    this.#settled = head;
    for (const [number, outcome] of this.#outcomes) {
      if (outcome !== "in doubt") continue;
      if (kept !== null) this.#outcomes.set(number, kept.has(number) ? "kept" : "lost");
      else if (number > head) this.#outcomes.set(number, "lost");
      else this.#outcomes.set(number, number === head ? "kept" : "overwritten");
    }
  }
}
