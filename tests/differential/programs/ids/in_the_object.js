// ctx.id within objects of each kind of id.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class A extends DurableObject {
  fetch() {
    return Response.json([this.ctx.id.toString(), this.ctx.id.name ?? null, Object.prototype.toString.call(this.ctx.id)]);
  }
}

export default async (env) => {
  const ask = async (id) => (await env.A.get(id).fetch("http://a/")).json();
  for (const [name, id] of Object.entries({ named: env.A.idFromName("n"), unique: env.A.newUniqueId(), "from text": env.A.idFromString(env.A.newUniqueId().toString()), "named, from text": env.A.idFromString(env.A.idFromName("m").toString()) })) {
    const [text, itsName, tag] = await ask(id);
    print(name, text === id.toString(), itsName, tag);
  }
};
