// FormData: a list of names with a text or a file each.
// https://xhr.spec.whatwg.org/#interface-formdata
import { type Blob, blobBytes, File, isBlob, isFile } from "./blob.ts";
import { badArgument, defineInterface, pairIterator, toUsvString } from "./webidl.ts";

export type FormEntry = [name: string, value: string | File];

export let isFormData: (value: unknown) => value is FormData;
/** The entries themselves: a reader must not change them. */
export let formEntries: (form: FormData) => FormEntry[];

export class FormData {
  #entries: FormEntry[] = [];

  constructor(form: unknown = undefined) {
    if (form !== undefined) throw new TypeError("FormData has no argument: there are no forms here.");
  }

  append(name: string, value: unknown, filename: string | undefined = undefined): void {
    if (arguments.length < 2) throw badArgument("append", "FormData", 2, "File or Blob or string");
    this.#entries.push(makeEntry("append", name, value, filename, arguments.length > 2));
  }

  set(name: string, value: unknown, filename: string | undefined = undefined): void {
    if (arguments.length < 2) throw badArgument("set", "FormData", 2, "File or Blob or string");
    const entry = makeEntry("set", name, value, filename, arguments.length > 2);
    let found = false;
    const rest: FormEntry[] = [];
    for (const other of this.#entries) {
      if (other[0] !== entry[0]) {
        rest.push(other);
      } else if (!found) {
        found = true;
        rest.push(entry);
      }
    }
    if (!found) rest.push(entry);
    this.#entries = rest;
  }

  delete(name: string): void {
    if (arguments.length < 1) throw badArgument("delete", "FormData", 1, "string");
    name = toUsvString(name);
    this.#entries = this.#entries.filter((entry) => entry[0] !== name);
  }

  get(name: string): string | File | null {
    if (arguments.length < 1) throw badArgument("get", "FormData", 1, "string");
    name = toUsvString(name);
    for (const entry of this.#entries) if (entry[0] === name) return entry[1];
    return null;
  }

  getAll(name: string): (string | File)[] {
    if (arguments.length < 1) throw badArgument("getAll", "FormData", 1, "string");
    name = toUsvString(name);
    const values: (string | File)[] = [];
    for (const entry of this.#entries) if (entry[0] === name) values.push(entry[1]);
    return values;
  }

  has(name: string): boolean {
    if (arguments.length < 1) throw badArgument("has", "FormData", 1, "string");
    name = toUsvString(name);
    return this.#entries.some((entry) => entry[0] === name);
  }

  forEach(
    callback: (value: string | File, name: string, form: FormData) => void,
    thisArgument: unknown = undefined,
  ): void {
    if (typeof callback !== "function") throw badArgument("forEach", "FormData", 1, "function");
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      callback.call(thisArgument, entry[1], entry[0], this);
    }
  }

  entries(): IterableIterator<FormEntry> {
    void this.#entries;
    return iterate(this, "entries");
  }
  keys(): IterableIterator<string> {
    void this.#entries;
    return iterate(this, "keys");
  }
  values(): IterableIterator<string | File> {
    void this.#entries;
    return iterate(this, "values");
  }
  declare [Symbol.iterator]: () => IterableIterator<FormEntry>;

  static {
    FormData.prototype[Symbol.iterator] = FormData.prototype.entries;
    Object.defineProperty(FormData.prototype, Symbol.iterator, { enumerable: false });

    isFormData = (value): value is FormData =>
      typeof value === "object" && value !== null && #entries in value;
    formEntries = (form) => form.#entries;
  }
}
defineInterface(FormData, "FormData");

const iterate = pairIterator<FormData>("FormData Iterator", (form, index) => formEntries(form)[index]);

function makeEntry(
  method: string,
  name: string,
  value: unknown,
  filename: string | undefined,
  hasFilename: boolean,
): FormEntry {
  name = toUsvString(name);
  if (!isBlob(value)) {
    if (hasFilename && filename !== undefined) throw badArgument(method, "FormData", 2, "Blob");
    return [name, toUsvString(value)];
  }
  if (isFile(value) && filename === undefined) return [name, value];
  return [name, fileFrom(value, filename === undefined ? "blob" : toUsvString(filename))];
}

function fileFrom(blob: Blob, name: string): File {
  const lastModified = isFile(blob) ? blob.lastModified : Date.now();
  return new File([blobBytes(blob)], name, { type: blob.type, lastModified });
}
