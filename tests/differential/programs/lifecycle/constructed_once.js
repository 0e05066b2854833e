// One instance for a name; others for others; module state is shared.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

let made = 0;

export class A extends DurableObject {
  number = ++made;

  fetch() {
    return new Response(`${this.ctx.id.name} ${this.number}`);
  }
}

export default async (env) => {
  for (const name of ["x", "y", "x", "z", "y"]) print(name, await (await env.A.getByName(name).fetch("http://a/")).text());
};
