// Libraries that have no server of their own: each path uses one, and answers with what it made.
import * as jose from "jose";
import { customAlphabet, nanoid } from "nanoid";
import superjson from "superjson";
import * as Y from "yjs";
import { z } from "zod";

const libraries: Record<string, () => unknown> = {
  nanoid: () => [nanoid().length, /^[\w-]{21}$/.test(nanoid()), nanoid() !== nanoid(), customAlphabet("ab", 30)().length],

  superjson() {
    const value = {
      date: new Date(0), map: new Map([["a", new Set([1n])]]), undefined: undefined, expression: /a+/gi, error: new RangeError("bad"),
      url: new URL("https://a.example/b"), nan: NaN,
    };
    const back = superjson.parse<typeof value>(superjson.stringify(value));
    return [
      back.date.getTime(), [...back.map.get("a")!].map(String), "undefined" in back, String(back.expression), back.error.message,
      back.url.href, Number.isNaN(back.nan),
    ];
  },

  zod() {
    const schema = z.object({
      email: z.email(), age: z.coerce.number().int().positive(), role: z.enum(["admin", "user"]).default("user"),
      when: z.iso.datetime().transform((text) => new Date(text).getUTCFullYear()),
      shape: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("circle"), radius: z.number() }), z.object({ kind: z.literal("square"), side: z.number() }),
      ]),
    });
    const good = schema.parse({ email: "a@b.co", age: "7", when: "2026-01-02T03:04:05Z", shape: { kind: "square", side: 2 } });
    const bad = schema.safeParse({ email: "nobody", age: -1, when: "soon", shape: { kind: "line" } });
    return [good, bad.success, bad.error?.issues.map(({ path, code }) => [path.join("."), code])];
  },

  async jose() {
    const secret = new TextEncoder().encode("a secret of thirty-two bytes....");
    const made = (expires: string) =>
      new jose.SignJWT({ sub: "ada" }).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime(expires).sign(secret);
    const { payload } = await jose.jwtVerify(await made("1h"), secret);
    const late = await jose.jwtVerify(await made("1h ago"), secret).catch((error: Error) => error.constructor.name);
    const forged = await jose.jwtVerify(`${(await made("1h")).slice(0, -4)}AAAA`, secret).catch((error: Error) => error.constructor.name);
    const verified: string[] = [];
    for (const alg of ["RS256", "ES256", "EdDSA", "PS256"]) {
      const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      const keys = jose.createLocalJWKSet({ keys: [{ ...(await jose.exportJWK(publicKey)), alg, kid: "1" }] });
      const token = await new jose.SignJWT({}).setProtectedHeader({ alg, kid: "1" }).sign(privateKey);
      verified.push((await jose.jwtVerify(token, keys)).protectedHeader.alg);
    }
    const encrypted = await new jose.CompactEncrypt(new TextEncoder().encode("secret")).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(secret);
    const { plaintext } = await jose.compactDecrypt(encrypted, secret);
    return [payload.sub, late, forged, verified.join(" "), new TextDecoder().decode(plaintext)];
  },

  yjs() {
    const [one, two] = [new Y.Doc(), new Y.Doc()];
    one.getText("t").insert(0, "world");
    two.getText("t").insert(0, "hello ");
    two.getMap("m").set("k", [1, { a: true }]);
    for (let i = 0; i < 2; ++i) {
      Y.applyUpdate(two, Y.encodeStateAsUpdate(one, Y.encodeStateVector(two)));
      Y.applyUpdate(one, Y.encodeStateAsUpdate(two, Y.encodeStateVector(one)));
    }
    const text = one.getText("t").toString();
    return [text === two.getText("t").toString(), [...text].sort().join("").trim(), one.getMap("m").toJSON()];
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    const use = libraries[new URL(request.url).pathname.slice(1)];
    return use === undefined ? new Response("no such library", { status: 404 }) : Response.json(await use());
  },
};
