// Runs the functions of a Pages site by the paths of their files. Bundled into the site's script by
// `selvage`; no part of the platform.
const methods = ["Get", "Head", "Post", "Put", "Delete", "Options", "Patch"];
const nullBodies = [101, 204, 205, 304];

/** "/a/[id]/[[rest]]" as a route: its segments, text or a parameter with or without end. */
function parse(path) {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => {
      const rest = /^\[\[([^\]]+)\]\]$/.exec(segment);
      if (rest) return { rest: rest[1] };
      const names = [];
      let dynamic = false;
      const pattern = segment
        .split(/(\[[^\]]+\])/)
        .map((part) => {
          const name = /^\[([^\]]+)\]$/.exec(part);
          if (!name) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
          names.push(name[1]);
          dynamic = true;
          return "([^/]+?)";
        })
        .join("");
      return { pattern: new RegExp(`^${pattern}$`, "i"), names, dynamic };
    });
}

/** Parameters and matched path when `route` stands for the beginning of `segments`; to their end
 * when `whole`. */
function match(route, segments, whole) {
  const params = {};
  let at = 0;
  for (const part of route) {
    if (part.rest !== undefined) {
      if (at < segments.length) params[part.rest] = segments.slice(at);
      at = segments.length;
      continue;
    }
    if (at >= segments.length) return undefined;
    const found = part.pattern.exec(segments[at++]);
    if (found === null) return undefined;
    part.names.forEach((name, i) => (params[name] = found[i + 1]));
  }
  if (whole && at !== segments.length) return undefined;
  return { params, path: "/" + segments.slice(0, at).join("/") };
}

/** More segments first; text before parameters before [[rest]]; routes for one method first. */
function compare(a, b) {
  if (a.route.length !== b.route.length) return b.route.length - a.route.length;
  for (let i = 0; i < a.route.length; i++) {
    const rank = (part) => (part.rest !== undefined ? 2 : part.dynamic ? 1 : 0);
    const order = rank(a.route[i]) - rank(b.route[i]);
    if (order !== 0) return order;
  }
  if ((a.method === "") !== (b.method === "")) return a.method === "" ? 1 : -1;
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** `files`: [path without extension, module] of every file in functions/. */
export function pagesFunctions(files) {
  const routes = [];
  for (const [file, module] of files) {
    const slash = file.lastIndexOf("/");
    const folder = slash < 0 ? "" : "/" + file.slice(0, slash);
    const name = file.slice(slash + 1);
    const middleware = name === "_middleware";
    const path = middleware || name === "index" ? folder || "/" : `${folder}/${name}`;
    for (const method of ["", ...methods]) {
      const handler = module["onRequest" + method];
      if (handler === undefined) continue;
      const handlers = [handler].flat();
      routes.push({ path, route: parse(path), mount: parse(folder), method: method.toUpperCase(), middleware, handlers });
    }
  }
  routes.sort(compare);
  const modules = routes.filter((route) => !route.middleware);
  const middlewares = routes.filter((route) => route.middleware).reverse();

  function* handlersFor(request) {
    const segments = new URL(request.url).pathname.split("/").filter((segment) => segment !== "");
    const answers = (route) => route.method === "" || route.method === request.method;
    for (const route of middlewares) {
      const found = answers(route) && match(route.route, segments, false);
      if (!found) continue;
      for (const handler of route.handlers) yield { handler, ...found };
    }
    for (const route of modules) {
      const found = answers(route) && match(route.route, segments, true);
      if (!found) continue;
      for (const handler of route.handlers) yield { handler, ...found };
      return;
    }
  }

  const copy = (response) =>
    new Response(nullBodies.includes(response.status) ? null : response.body, response);

  return {
    async fetch(original, env, ctx) {
      let request = original;
      let data = {};
      let failsOpen = false;
      const handlers = handlersFor(original);
      const next = async (input, init) => {
        if (input !== undefined) {
          request = new Request(typeof input === "string" ? new URL(input, request.url) : input, init);
        }
        const { done, value } = handlers.next();
        if (done) return copy(await env.ASSETS.fetch(request));
        const response = await value.handler({
          request: new Request(request.clone()),
          functionPath: value.path,
          next,
          params: value.params,
          get data() {
            return data;
          },
          set data(given) {
            if (typeof given !== "object" || given === null) {
              throw new Error("context.data must be an object");
            }
            data = given;
          },
          env,
          waitUntil: ctx.waitUntil.bind(ctx),
          passThroughOnException() {
            failsOpen = true;
          },
        });
        if (!(response instanceof Response)) throw new Error("Your Pages function should return a Response");
        return copy(response);
      };
      try {
        return await next();
      } catch (error) {
        if (!failsOpen) throw error;
        return copy(await env.ASSETS.fetch(request));
      }
    },
  };
}
