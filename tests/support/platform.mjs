// `selvage serve` as a platform to deploy to, with what deploys to it: requests as the API takes
// them, and unmodified wrangler.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ask } from "./requests.mjs";
import { root, Session, temporaryFolder } from "./selvage.mjs";

const wranglerProgram = join(root, "node_modules/wrangler/bin/wrangler.js");

export class Platform extends Session {
  constructor(t, ...args) {
    const place = args.indexOf("--data");
    const data = place < 0 ? temporaryFolder(t) : args.splice(place, 2)[1];
    super(t, ["serve", "--port", "0", "--api-listen", "127.0.0.1:0", "--threads", "2", "--data", data, ...args]);
    this.t = t;
    this.data = data;
  }

  /** Until it answers. A first start also says `account` and `token`. */
  async ready() {
    await super.ready();
    this.api = /deploy to (\S+)/.exec(this.output)[1];
    this.account = /CLOUDFLARE_ACCOUNT_ID=(\S+)/.exec(this.output)?.[1];
    this.token = /CLOUDFLARE_API_TOKEN=(\S+)/.exec(this.output)?.[1];
    return this;
  }

  /** A request to the API below the account: { status, body }, with `body` parsed. */
  async call(method, path, body, { token = this.token, account = this.account, headers = {} } = {}) {
    const raw = body === undefined || body instanceof FormData || typeof body === "string";
    const response = await fetch(`${this.api}/accounts/${account}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(raw ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: raw ? body : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  /** The same; its result, or an Error with what the API says. */
  async result(method, path, body, options) {
    const answer = await this.call(method, path, body, options);
    if (answer.body.success) return answer.body.result;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body.errors)}`);
  }

  /** Deploys a worker of one module. */
  deploy(name, source, metadata = {}, options) {
    return this.result("PUT", `/workers/scripts/${name}`, upload(source, metadata), options);
  }

  /** What a worker answers: { status, headers, text }. */
  ask(name, path = "/", options = {}) {
    return ask(this.port, path, { ...options, host: `${name}.localhost:${this.port}` });
  }

  async text(name, path, options) {
    return (await this.ask(name, path, options)).text;
  }

  /** Runs wrangler to its end: { status, stdout, stderr }. */
  async wrangler(folder, ...args) {
    return await this.startWrangler(folder, ...args).ended;
  }

  /** { child, ended }. */
  startWrangler(folder, ...args) {
    this.home ??= temporaryFolder(this.t);
    mkdirSync(join(this.home, "config"), { recursive: true });
    const child = spawn(process.execPath, [wranglerProgram, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: this.home,
        XDG_CONFIG_HOME: join(this.home, "config"),
        CLOUDFLARE_API_BASE_URL: this.api,
        CLOUDFLARE_API_TOKEN: this.token,
        CLOUDFLARE_ACCOUNT_ID: this.account,
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        NO_COLOR: "1",
        CI: "1",
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const outcome = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (outcome.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (outcome.stderr += text));
    const ended = new Promise((resolve) => {
      child.once("close", (status) => resolve({ ...outcome, status, output: outcome.stdout + outcome.stderr }));
    });
    return { child, outcome, ended };
  }
}

/** The multipart body of an upload of one module. */
export function upload(source, metadata = {}, modules = {}) {
  const form = new FormData();
  form.set(
    "metadata",
    JSON.stringify({ main_module: "index.js", compatibility_date: "2026-01-01", ...metadata }),
  );
  form.set("index.js", new File([source], "index.js", { type: "application/javascript+module" }));
  for (const [name, file] of Object.entries(modules)) form.set(name, file, name);
  return form;
}

/** A platform that has just been started for the first time. */
export function platform(t, ...args) {
  return new Platform(t, ...args).ready();
}
