export default {
  async fetch(request) {
    return new Response(`quiet ${new URL(request.url).searchParams.get("n")}`);
  },
};
