// Functions and targets deep within arguments and results.
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { print } from "lines";

class Adder extends RpcTarget {
  add(a, b) {
    return a + b;
  }
}

export class Maker extends DurableObject {
  async apply({ list: [{ callback }], options }) {
    return { result: await callback(options.value), tools: { adder: new Adder(), twice: (x) => x * 2 }, plain: [1] };
  }
}

export default async (env) => {
  const { result, tools, plain } = await env.Maker.getByName("m").apply({ list: [{ callback: (x) => `called ${x}` }], options: { value: "v" } });
  print("result", result, plain);
  print("tools", Object.keys(tools), await tools.adder.add(1, 2), await tools.twice(21));
};
