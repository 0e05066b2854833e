// Bodies of a service in pieces, both ways.
import { print } from "lines";

export const worker = {
  fetch(request) {
    const upper = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase()));
      },
    });
    return new Response(request.body.pipeThrough(upper));
  },
};

export default async (env) => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const response = env.SELF.fetch("http://s/", { method: "POST", body: readable });
  for (const piece of ["one ", "two ", "three"]) await writer.write(new TextEncoder().encode(piece));
  await writer.close();
  print("text", await (await response).text());
};
