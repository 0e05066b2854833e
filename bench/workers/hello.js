// The least a worker can do.
export default {
  fetch() {
    return new Response("Hello from the edge");
  },
};
