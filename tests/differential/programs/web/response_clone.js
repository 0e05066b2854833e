// clone() of responses, with bodies of each kind.
import { print } from "lines";

export default async () => {
  for (const [name, body] of Object.entries({ text: "x", bytes: new Uint8Array([1]), null: null, stream: new Response("s").body, blob: new Blob(["b"]) })) {
    const response = new Response(body, { headers: { h: "1" }, status: 201 });
    const copy = response.clone();
    print(name, await response.text(), await copy.text(), copy.status, copy.headers.get("h"), copy.headers.get("content-type"));
  }
};
