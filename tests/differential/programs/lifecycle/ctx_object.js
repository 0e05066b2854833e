// ctx of an object: its members.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class A extends DurableObject {
  fetch() {
    const { ctx } = this;
    print("tag", Object.prototype.toString.call(ctx), ctx.constructor.name);
    for (const name of ["id", "storage", "waitUntil", "blockConcurrencyWhile", "abort", "exports", "props", "facets", "container", "version"]) print(name, typeof ctx[name]);
    print("this", Object.keys(this).sort(), this.ctx === ctx);
    print("storage stays", ctx.storage === ctx.storage, ctx.id === ctx.id);
    return new Response();
  }
}

export default (env) => env.A.getByName("a").fetch("http://a/");
