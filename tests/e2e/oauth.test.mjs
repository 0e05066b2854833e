// Logins in a browser: the authorize page, its codes and tokens; wrangler and selvage that use it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { platform } from "../support/platform.mjs";
import { lifetime, program, root, run, temporaryFolder, until } from "../support/selvage.mjs";

const redirect = "http://localhost:8976/oauth/callback";

function question(verifier, more = {}) {
  return new URLSearchParams({
    response_type: "code", client_id: "test", redirect_uri: redirect, scope: "a b", state: "s&1",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256", ...more,
  });
}
async function freePort() {
  const server = createServer().listen(0, "localhost");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
const form = (url, fields) => fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });

describe("a login in a browser", () => {
  let it;
  const life = lifetime();
  const started = platform(life).then((platform) => (it = platform));
  const suite = (name, body) =>
    test(name, async (t) => {
      await started;
      const origin = new URL(it.api).origin;
      const verifier = randomBytes(32).toString("base64url");
      /** Shows the token on the page; the code that comes back. */
      const agree = async (more) => {
        const answer = await form(`${origin}/oauth2/auth?${question(verifier, more)}`, { token: it.token });
        assert.equal(answer.status, 303);
        return new URL(answer.headers.get("location")).searchParams.get("code");
      };
      const redeem = (code, more = {}) =>
        form(`${origin}/oauth2/token`, {
          grant_type: "authorization_code", code, redirect_uri: redirect, client_id: "test", code_verifier: verifier, ...more,
        });
      await body(t, { origin, verifier, agree, redeem });
    });
  const works = async (token) => (await fetch(`${it.api}/user/tokens/verify`, { headers: { Authorization: `Bearer ${token}` } })).ok;

  suite("asks for a token, and sends the browser back with a code", async (t, { origin, verifier, redeem }) => {
    const url = `${origin}/oauth2/auth?${question(verifier, { client_id: "<b>x</b>" })}`;
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(page.headers.get("cache-control"), "no-store");
    const html = await page.text();
    assert.ok(html.includes("&lt;b&gt;x&lt;/b&gt;") && !html.includes("<b>x</b>"));
    const wrong = await form(url, { token: "slv_wrong" });
    assert.equal(wrong.status, 401);
    assert.match(await wrong.text(), /does not know the token/);
    const right = await form(url, { token: it.token });
    assert.equal(right.status, 303);
    const back = new URL(right.headers.get("location"));
    assert.equal(back.origin + back.pathname, redirect);
    assert.equal(back.searchParams.get("state"), "s&1");
    const answer = await redeem(back.searchParams.get("code"), { client_id: "<b>x</b>" });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    const login = await answer.json();
    assert.deepEqual([login.token_type, login.expires_in, login.scope], ["bearer", 3600, "a b"]);
    assert.ok(await works(login.access_token));
  });

  suite("sends codes to programs on this machine only", async (t, { origin, verifier }) => {
    for (const uri of [
      "http://evil.example/", "https://localhost:8976/", "http://localhost/", "http://localhost:80@evil.example/",
      "http://localhost.evil.example:1/", "http://localhost:1\r\nx: y", "javascript:alert(1)", "", "http://127.0.0.1:8x/",
    ]) {
      const answer = await fetch(`${origin}/oauth2/auth?${question(verifier, { redirect_uri: uri })}`);
      assert.equal(answer.status, 400, uri);
      assert.match(await answer.text(), /does not lead to this machine/);
    }
    for (const more of [{ code_challenge_method: "plain" }, { code_challenge: "short" }, { response_type: "token" }, { client_id: "" }]) {
      assert.equal((await fetch(`${origin}/oauth2/auth?${question(verifier, more)}`)).status, 400);
    }
  });

  suite("gives a token once, and to whoever asked", async (t, { agree, redeem }) => {
    for (const more of [{ code_verifier: "x".repeat(43) }, { client_id: "other" }, { redirect_uri: "http://localhost:1/" }, { code_verifier: "" }]) {
      const code = await agree();
      assert.equal((await redeem(code, more)).status, 400);
      const again = await redeem(code);
      assert.equal((await again.json()).error, "invalid_grant", "a code that was tried is spent");
    }
    const code = await agree();
    assert.equal((await redeem(code)).status, 200);
    assert.equal((await redeem(code)).status, 400);
    assert.equal((await redeem("made-up")).status, 400);
    assert.equal((await (await redeem(code, { grant_type: "password" })).json()).error, "unsupported_grant_type");
  });

  suite("is renewed and ended, and goes with the token that was shown", async (t, { origin, agree, redeem }) => {
    const first = await (await redeem(await agree())).json();
    const renewed = await (await form(`${origin}/oauth2/token`, { grant_type: "refresh_token", refresh_token: first.refresh_token })).json();
    assert.ok(!(await works(first.access_token)) && (await works(renewed.access_token)));
    assert.equal((await form(`${origin}/oauth2/token`, { grant_type: "refresh_token", refresh_token: first.refresh_token })).status, 400);
    assert.equal((await form(`${origin}/oauth2/revoke`, { token: renewed.refresh_token })).status, 200);
    assert.ok(!(await works(renewed.access_token)));
    assert.equal((await form(`${origin}/oauth2/revoke`, { token: "unknown" })).status, 200);

    const shown = JSON.parse(run(["token", "create", "shown", "--json", "--data", it.data]).stdout);
    const verifier = "v".repeat(43);
    const answer = await form(`${origin}/oauth2/auth?${question(verifier)}`, { token: shown.token });
    const code = new URL(answer.headers.get("location")).searchParams.get("code");
    const login = await (await redeem(code, { code_verifier: verifier })).json();
    assert.ok(await works(login.access_token));
    run(["token", "revoke", shown.id, "--data", it.data]);
    assert.ok(!(await works(login.access_token)));
    assert.equal((await form(`${origin}/oauth2/token`, { grant_type: "refresh_token", refresh_token: login.refresh_token })).status, 400);
  });

  /** Waits for what a program prints. */
  const printed = async (child, pattern) => {
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (more) => (text += more));
    for (let i = 0; i < 400 && !pattern.test(text); ++i) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match(text, pattern);
    return pattern.exec(text);
  };
  const ended = (child) => new Promise((resolve) => child.once("close", resolve));
  /** What a person does on the page. */
  const answerPage = async (url, port) => {
    const answer = await form(url, { token: it.token });
    assert.equal(answer.status, 303);
    const back = new URL(answer.headers.get("location"));
    if (port !== undefined) back.port = port;
    // wrangler prints the page before it listens.
    for (let tries = 0; ; ++tries) {
      try {
        return await fetch(back, { redirect: "manual" });
      } catch (error) {
        if (error.cause?.code !== "ECONNREFUSED" || tries === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };

  suite("selvage login --web, until the token has to be renewed, and logout", async (t) => {
    const home = temporaryFolder(t);
    const env = { PATH: process.env.PATH, HOME: home, NO_COLOR: "1" };
    const child = spawn(program, ["login", "--web", "--url", it.api], { env, stdio: ["ignore", "pipe", "pipe"] });
    t.after(() => child.kill());
    const end = ended(child);
    const [url] = await printed(child, /http:\/\/\S+oauth2\/auth\S+/);
    const callback = new URL(new URL(url).searchParams.get("redirect_uri"));
    assert.equal((await fetch(`${callback.origin}/other`)).status, 404);
    assert.equal((await fetch(`${callback}?code=x&state=wrong`)).status, 400);
    assert.match(await (await answerPage(url)).text(), /You are logged in/);
    assert.equal(await end, 0);
    const file = join(home, ".config/selvage/credentials.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const kept = JSON.parse(readFileSync(file, "utf8"));
    assert.ok(kept.expires > Date.now() / 1000 + 3000);
    assert.match(run(["whoami"], { env }).stdout, /account {3}main/);

    writeFileSync(file, JSON.stringify({ ...kept, expires: 1 }));
    assert.match(run(["whoami"], { env }).stdout, /account {3}main/);
    const renewed = JSON.parse(readFileSync(file, "utf8"));
    assert.notEqual(renewed.token, kept.token);
    assert.ok(!(await works(kept.token)));
    assert.equal(run(["logout"], { env }).stdout, "Logged out.\n");
    assert.ok(!(await works(renewed.token)), "the platform was told");
  });

  suite("selvage login --web opens a browser where there is one, unless told not to", async (t) => {
    const home = temporaryFolder(t);
    const opened = join(home, "opened");
    const opener = join(home, "xdg-open");
    writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > ${opened}.tmp && mv ${opened}.tmp ${opened}\n`, { mode: 0o755 });
    const login = async (args, more, says) => {
      const env = { PATH: `${home}:${process.env.PATH}`, HOME: home, NO_COLOR: "1", ...more };
      const child = spawn(program, ["login", "--web", "--url", it.api, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
      const end = ended(child);
      const [, url] = await printed(child, new RegExp(`${says}[^]*?(http://\\S+oauth2/auth\\S+)`));
      return { child, end, url };
    };
    const web = await login([], { DISPLAY: ":0" }, "opens in a browser");
    await until(() => existsSync(opened), "the browser");
    assert.equal(readFileSync(opened, "utf8"), web.url);
    await answerPage(web.url);
    assert.equal(await web.end, 0);
    rmSync(opened);
    for (const [args, more] of [[[], {}], [["--no-browser"], { DISPLAY: ":0" }], [["--browser=false"], { DISPLAY: ":0" }]]) {
      const plain = await login(args, more, "Open this page");
      plain.child.kill();
      await plain.end;
      assert.ok(!existsSync(opened), args.join(" "));
    }
  });

  suite("wrangler login, whoami and logout", async (t, { origin }) => {
    const home = temporaryFolder(t);
    const wrangler = (...args) => {
      const child = spawn(process.execPath, [join(root, "node_modules/wrangler/bin/wrangler.js"), ...args], {
        cwd: home,
        env: {
          PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: join(home, "config"), NO_COLOR: "1",
          CLOUDFLARE_API_BASE_URL: it.api, WRANGLER_AUTH_URL: `${origin}/oauth2/auth`,
          WRANGLER_TOKEN_URL: `${origin}/oauth2/token`, WRANGLER_REVOKE_URL: `${origin}/oauth2/revoke`,
          WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false",
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      t.after(() => child.kill());
      return child;
    };
    // wrangler's redirect_uri always has port 8976, which may be taken here: it listens elsewhere.
    const port = await freePort();
    const login = wrangler("login", "--browser=false", "--callback-port", String(port));
    const end = ended(login);
    const [url] = await printed(login, /http:\/\/\S+oauth2\/auth\S+/);
    assert.equal((await answerPage(url, port)).status, 307);
    assert.equal(await end, 0);
    for (const [command, expected] of [["whoami", /main[\s\S]*[0-9a-f]{32}/], ["logout", /Successfully logged out/]]) {
      const child = wrangler(command);
      const closed = ended(child);
      await printed(child, expected);
      assert.equal(await closed, 0);
    }
  });

  suite("guesses are counted", async (t, { origin, verifier }) => {
    const url = `${origin}/oauth2/auth?${question(verifier)}`;
    let status = 0;
    for (let i = 0; i < 40 && status !== 429; ++i) status = (await form(url, { token: `slv_${i}` })).status;
    assert.equal(status, 429);
    assert.equal((await form(url, { token: it.token })).status, 303, "whoever knows a token is let in");
  });
});
