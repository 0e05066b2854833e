// Mathematical functions.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    for (const call of ["acos(0.5)", "atan2(1, 2)", "ceil(1.2)", "cos(0)", "degrees(pi())", "exp(1)", "floor(-1.2)", "ln(2)", "log(100)", "log(2, 8)", "log10(1000)", "log2(8)", "mod(7, 3)", "pow(2, 10)", "radians(180)", "sin(0)", "sqrt(2)", "tan(0)", "trunc(-1.7)"]) {
      await attempt(call, async () => sql.exec(`SELECT ${call} AS v`).one().v);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
