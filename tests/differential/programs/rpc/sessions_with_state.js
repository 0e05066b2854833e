// A session object over many calls, as an API with log-in has it.
import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { attempt, print } from "lines";

class Session extends RpcTarget {
  #user;
  #store;
  constructor(user, store) {
    super();
    this.#user = user;
    this.#store = store;
  }
  whoami() {
    return this.#user;
  }
  async note(text) {
    return this.#store.add(`${this.#user}: ${text}`);
  }
}

export class Notes extends DurableObject {
  notes = [];
  add(text) {
    return this.notes.push(text);
  }
  all() {
    return this.notes;
  }
}

export class Api extends WorkerEntrypoint {
  async logIn(user, password) {
    if (password !== "secret") throw new Error("wrong password");
    return new Session(user, this.env.Notes.getByName("notes"));
  }
}

export default async (env) => {
  await attempt("refused", () => env.Api.logIn("eve", "guess"));
  using session = await env.Api.logIn("ada", "secret");
  print("whoami", await session.whoami());
  print("notes", await Promise.all([session.note("one"), session.note("two")]));
  print("pipelined", await env.Api.logIn("bob", "secret").note("three"));
  print("all", await env.Notes.getByName("notes").all());
};
