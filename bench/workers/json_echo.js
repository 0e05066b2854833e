// Reads a JSON body and writes it again.
export default {
  async fetch(request) {
    if (request.method !== "POST") return new Response("POST some JSON");
    const value = await request.json();
    return new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
  },
};
