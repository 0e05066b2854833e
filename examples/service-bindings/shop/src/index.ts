export interface Env {
  GREETER: Fetcher;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    // Not a trip over the network: the other worker runs in the same process.
    const greeting = await env.GREETER.fetch(request);
    return new Response(`Shop: ${await greeting.text()}`);
  },
};
