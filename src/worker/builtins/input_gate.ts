// The critical sections of a Durable Object: what blockConcurrencyWhile() and transaction() open.
//
// While one is open, no event from outside of it is delivered: requests wait in the actor's inbox,
// what the native side brings (timers, answers to requests that the object sent) is parked there
// (worker/invocation.h), and answers of objects in this isolate wait here. What was started within
// the section is delivered. Sections nest; one opens between two turns, when the code that asked for
// it has come to an await or its end, and before any event that waits.
import { natives } from "../../web/builtins/natives.ts";

const { objectGate } = natives;

/** workerd's limit. */
const DEEPEST = 64;

/** One that has been asked for, or is open. */
export interface Section {
  /** Its number, in the order of opening; 0 before that. */
  id: number;
  depth: number;
  opened: number;
  run: () => void;
  /** Asked for from within it, and not open yet. */
  waiting: Section[] | null;
}

interface Parked {
  section: number;
  deliver: () => void;
}

/** Of one object, once it has asked for a section. */
export class InputGate {
  readonly #invocation: InvocationId;
  /** Innermost last. */
  readonly #open: Section[] = [];
  #last = 0;
  #waiting: Section[] = [];
  #parked: Parked[] = [];

  constructor(invocation: InvocationId) {
    this.#invocation = invocation;
  }

  /** No section is open, none is about to. */
  get idle(): boolean {
    return this.#open.length === 0 && this.#waiting.length === 0;
  }

  get blocked(): boolean {
    return this.#open.length > 0;
  }

  admits(section: number): boolean {
    return this.#open.length === 0 || section >= this.#open.at(-1)!.id;
  }

  /** The open section that code of the section numbered `section` belongs to: itself, or, if it has
   * closed, the one around it. */
  #scope(section: number): Section | null {
    for (let i = this.#open.length - 1; i >= 0; --i) {
      if (this.#open[i]!.id <= section) return this.#open[i]!;
    }
    return null;
  }

  /** Code of `section` asks for another one, which `run` is called in. False: nested too deeply. */
  request(section: number, run: () => void): Section | null {
    const around = this.#scope(section);
    const depth = (around?.depth ?? 0) + 1;
    if (depth > DEEPEST) return null;
    const wanted: Section = { id: 0, depth, opened: 0, run, waiting: null };
    if (around === null) this.#waiting.push(wanted);
    else (around.waiting ??= []).push(wanted);
    return wanted;
  }

  /** Whether a section can be opened now. */
  get pending(): boolean {
    const inner = this.#open.at(-1);
    return inner === undefined ? this.#waiting.length > 0 : (inner.waiting?.length ?? 0) > 0;
  }

  /** Opens the next one that waits; the caller runs it. */
  open(): Section {
    const inner = this.#open.at(-1);
    const section = (inner === undefined ? this.#waiting : inner.waiting!).shift()!;
    section.id = ++this.#last;
    section.opened = Date.now();
    this.#open.push(section);
    objectGate(this.#invocation, section.id);
    return section;
  }

  close(section: Section): void {
    const at = this.#open.indexOf(section);
    if (at < 0) return;
    this.#open.splice(at, 1);
    if (section.waiting !== null) {
      // What it asked for and did not wait for belongs to whatever is around it.
      const around = at === 0 ? null : this.#open[at - 1]!;
      if (around === null) this.#waiting.push(...section.waiting);
      else (around.waiting ??= []).push(...section.waiting);
    }
    objectGate(this.#invocation, this.#open.at(-1)?.id ?? 0);
    const parked = this.#parked;
    this.#parked = [];
    for (const each of parked) this.receive(each.section, each.deliver);
  }

  /** Something arrives that code of `section` waits for: now, or when the gate opens for it. */
  receive(section: number, deliver: () => void): void {
    // A section that is about to open goes first.
    if (this.#parked.length === 0 && !this.pending && this.admits(section)) deliver();
    else this.#parked.push({ section, deliver });
  }

  /** When the oldest of the open sections was opened; Infinity without any. */
  get since(): number {
    return this.#open[0]?.opened ?? Infinity;
  }
}
