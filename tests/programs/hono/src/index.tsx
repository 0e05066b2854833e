import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bodyLimit } from "hono/body-limit";
import { upgradeWebSocket } from "hono/cloudflare-workers";
import { contextStorage, getContext } from "hono/context-storage";
import { getCookie, getSignedCookie, setCookie, setSignedCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { jwt, sign } from "hono/jwt";
import { poweredBy } from "hono/powered-by";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { stream, streamSSE, streamText } from "hono/streaming";
import { validator } from "hono/validator";
import { z } from "zod";

type Env = { Bindings: { SECRET: string }; Variables: { user: string } };

const app = new Hono<Env>();

app.use(poweredBy());
app.use("/safe/*", secureHeaders(), cors({ origin: "https://a.example" }), requestId());
app.use(contextStorage());

app.get("/", (c) => c.text("Hello Hono"));
app.get("/json", (c) => c.json({ path: c.req.path, query: c.req.queries("q") }));
app.get("/users/:id{[0-9]+}", (c) => c.json({ id: Number(c.req.param("id")) }));
app.get("/users/:name/*", (c) => c.text(`${c.req.param("name")} ${c.req.path}`));
app.get("/secret", (c) => c.text(c.env.SECRET));
app.get("/safe/headers", (c) => c.text("safe"));
app.on(["PUT", "DELETE"], "/things/:thing", (c) => c.text(`${c.req.method} ${c.req.param("thing")}`, 202));

// Middleware with a variable, read elsewhere by way of AsyncLocalStorage.
const withUser = createMiddleware<Env>(async (c, next) => {
  c.set("user", c.req.header("X-User") ?? "nobody");
  await next();
  c.header("X-After", c.get("user"));
});
const currentUser = () => getContext<Env>().var.user;
app.get("/user", withUser, async (c) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return c.text(currentUser());
});

app.get("/cookies", (c) => {
  const visits = Number(getCookie(c, "visits") ?? 0) + 1;
  setCookie(c, "visits", String(visits), { path: "/", httpOnly: true, maxAge: 60, sameSite: "Lax" });
  return c.text(`visit ${visits}`);
});

// Signed by HMAC, by way of crypto.subtle.
app.get("/signed", async (c) => {
  const user = await getSignedCookie(c, c.env.SECRET, "user");
  await setSignedCookie(c, "user", "ada", c.env.SECRET);
  return c.text(String(user));
});
app.get("/token", async (c) => c.text(await sign({ sub: "ada", exp: 4_000_000_000 }, c.env.SECRET, "HS256")));
app.use("/account/*", (c, next) => jwt({ secret: c.env.SECRET, alg: "HS256" })(c, next));
app.get("/account/name", (c) => c.json(c.get("jwtPayload")));

app.use("/etag/*", etag());
app.get("/etag/page", (c) => c.text("the same page"));

app.use("/private/*", basicAuth({ username: "ada", password: "lovelace" }));
app.get("/private/page", (c) => c.text("welcome"));

const Post = z.object({ title: z.string().min(1), tags: z.array(z.string()).default([]) });
app.post(
  "/posts",
  validator("json", (value, c) => {
    const parsed = Post.safeParse(value);
    return parsed.success ? parsed.data : c.json({ issues: parsed.error.issues.map((issue) => issue.path.join(".")) }, 400);
  }),
  (c) => c.json(c.req.valid("json"), 201),
);
app.post("/form", async (c) => c.json(await c.req.parseBody({ all: true })));
app.post("/small", bodyLimit({ maxSize: 10, onError: (c) => c.text("too large", 413) }), async (c) => c.text(await c.req.text()));

app.get("/stream", (c) =>
  streamText(c, async (out) => {
    for (const word of ["one", "two", "three"]) {
      await out.writeln(word);
      await out.sleep(1);
    }
  }),
);
app.get("/bytes", (c) =>
  stream(c, async (out) => {
    await out.write(new Uint8Array([1, 2, 3]));
    await out.pipe(new Blob(["rest"]).stream());
  }),
);
app.get("/events", (c) =>
  streamSSE(c, async (out) => {
    for (let id = 0; id < 3; ++id) await out.writeSSE({ event: "tick", data: `at ${id}`, id: String(id) });
  }),
);

app.get("/page", (c) =>
  c.html(
    <html lang="en">
      <body>
        <h1>{"<escaped>"}</h1>
        <ul>{[1, 2].map((item) => <li>{item}</li>)}</ul>
      </body>
    </html>,
  ),
);

app.get(
  "/socket",
  upgradeWebSocket(() => ({
    onMessage(event, socket) {
      socket.send(`echo ${event.data}`);
    },
  })),
);

const api = new Hono<Env>().get("/version", (c) => c.json({ version: 1 }));
app.route("/api", api);

app.get("/fails", () => {
  throw new HTTPException(418, { message: "short and stout" });
});
app.get("/breaks", () => {
  throw new Error("broken");
});
app.notFound((c) => c.text(`nothing at ${c.req.path}`, 404));
app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text(`error: ${error.message}`, 500)));

export default app;
