// Fetches what it is told to, and tells what it got.
const events = [];

function bodyOf(body) {
  switch (body?.type) {
    case "bytes":
      return new Uint8Array(body.bytes);
    case "stream":
      return new ReadableStream({
        async start(controller) {
          for (const piece of body.pieces) {
            controller.enqueue(new TextEncoder().encode(piece));
            await scheduler.wait(1);
          }
          controller.close();
        },
      });
    case "params":
      return new URLSearchParams(body.params);
    case "form": {
      const form = new FormData();
      for (const [name, value] of body.fields) form.append(name, value);
      return form;
    }
    default:
      return body;
  }
}

function signalOf(how) {
  if (how === undefined) return undefined;
  if (how.timeout !== undefined) return AbortSignal.timeout(how.timeout);
  const controller = new AbortController();
  const reason = how.reason && new Error(how.reason);
  if (how.after === 0) controller.abort(reason);
  else setTimeout(() => controller.abort(reason), how.after);
  return controller.signal;
}

async function describe({ url, init, abort, asRequest }) {
  const signal = signalOf(abort);
  const full = { ...init, ...(signal && { signal }), ...(init?.body && { body: bodyOf(init.body) }) };
  let got = "nothing";
  try {
    const response = await (asRequest ? fetch(new Request(url, full)) : fetch(url, full));
    got = "head";
    return {
      status: response.status,
      statusText: response.statusText,
      ok: response.ok,
      url: response.url,
      redirected: response.redirected,
      headers: [...response.headers],
      text: await response.text(),
    };
  } catch (error) {
    return { got, error: error.name, message: error.message };
  }
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const target = url.searchParams.get("to");
    switch (url.pathname) {
      case "/describe":
        return Response.json(await describe(await request.json()));
      case "/pass":
        return fetch(target);
      case "/forward":
        return fetch(new Request(target, request));
      case "/many": {
        const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => fetch(`${target}?${i}`).then((r) => r.text())));
        return Response.json(answers);
      }
      case "/background":
        ctx.waitUntil(fetch(target).then((r) => r.text()).then((text) => events.push(text)));
        return new Response("started");
      case "/abandon":
        await fetch(target); // and never looks at the body
        return new Response("abandoned");
      case "/events":
        return Response.json(events);
    }
    return new Response("no such path", { status: 404 });
  },
};
