// Classes that do not extend DurableObject: constructor(state, env).
import { print } from "lines";

export class Old {
  constructor(state, env) {
    this.state = state;
    this.keys = Object.keys(env).sort();
  }

  async fetch() {
    await this.state.storage.put("k", 1);
    return Response.json([this.keys, await this.state.storage.get("k"), this.state.id.name]);
  }
}

export default async (env) => print("answer", await (await env.Old.getByName("o").fetch("http://o/")).json());
